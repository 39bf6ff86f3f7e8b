import { METHODS, type Method } from '../../../src/domain/method.ts';
import { planRepull } from '../../../src/domain/plan-repull.ts';
import type { Write } from '../../../src/domain/plan.ts';
import type { RegistryAnswer } from '../../../src/domain/registry-answer.ts';
import type { Ask } from '../../../src/domain/request.ts';
import { imagesToResolve } from '../../../src/domain/select.ts';
import type { Owner, Snapshot, WorkloadView } from '../../../src/domain/workload.ts';
import { aDeployment, anAsk, aSnapshot, NOW, REQUEST } from '../../support/builders.ts';
import { anAnswer } from '../../support/plan-builders.ts';

export const ARGO: Owner = { by: 'argo-cd', name: 'shop', evidence: 'annotation argocd.argoproj.io/tracking-id' };
export const FLUX: Owner = { by: 'flux', name: 'shop', evidence: 'label kustomize.toolkit.fluxcd.io/name' };
export const OPERATOR: Owner = { by: 'operator', name: 'ShopCluster/shop', evidence: 'ownerReference' };

export interface World {
  ask?: Partial<Ask>;
  views?: WorkloadView[];
  snapshot?: Snapshot;
  answer?: RegistryAnswer;
  /** By image; what is not listed gets `answer`. */
  answers?: Record<string, RegistryAnswer>;
  allowed?: readonly Method[];
}

export function plan({ ask: about, views, snapshot, answer = anAnswer(), answers = {}, allowed = METHODS }: World = {}) {
  const ask = anAsk(about);
  const seen = snapshot ?? aSnapshot(...(views ?? [aDeployment()]));
  const asked = new Map(imagesToResolve(ask, seen).map((image) => [image, answers[image] ?? answer]));
  return planRepull({ ask, request: REQUEST, at: NOW, snapshot: seen, answers: asked, allowed });
}

export function planned(world?: World) {
  const result = plan(world);
  if ('refused' in result) throw new Error(`refused: ${JSON.stringify(result.refused)}`);
  return result.plan;
}

export function refused(world?: World) {
  const result = plan(world);
  if ('plan' in result) throw new Error(`planned: ${result.plan.workloads.map((each) => each.method).join()}`);
  return result.refused;
}

export const outcome = (world: World): string => {
  const result = plan(world);
  return 'plan' in result ? (result.plan.workloads[0]?.method ?? 'nothing') : result.refused.code;
};

export function patch(world?: World): Extract<Write, { action: 'patch-template' }> {
  const write = planned(world).workloads[0]?.write;
  if (write?.action !== 'patch-template') throw new Error('no patch was planned');
  return write;
}
