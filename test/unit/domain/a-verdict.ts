import { judge, type JudgeInput } from '../../../src/domain/judge.ts';
import type { ContainerVerdict, PullEvidence } from '../../../src/domain/verdict.ts';
import type { PodContainer } from '../../../src/domain/workload.ts';
import { aDeployment, aNode, aPod, aPodContainer, aRevision, digest, IMAGE, imageId, NEW, NOW, REQUEST } from '../../support/builders.ts';
import { aContainerPlan, anAnswer, anEvidence } from '../../support/plan-builders.ts';

export const OTHER = digest('other');
export const CONFIG = digest('config');

export interface Case {
  container?: Partial<PodContainer>;
  evidence?: PullEvidence[];
  input?: Partial<JudgeInput>;
}

/** One pod of the new revision. */
export function judged({ container = {}, evidence = [], input = {} }: Case = {}): ContainerVerdict {
  const pod = aPod({
    name: 'new-1',
    revision: 'rev2',
    createdAt: NOW + 1000,
    containers: [aPodContainer({ imageId: imageId(NEW), ...container })],
  });
  const view = aDeployment({ view: { pods: [pod], revisions: [aRevision({ hash: 'rev2', number: 2, stamp: REQUEST }), aRevision()] } });
  return judge({
    view,
    container: aContainerPlan(),
    evicts: false,
    request: REQUEST,
    evidence: evidence.map((each) => ({ ...each, podUid: pod.uid, pod: pod.name })),
    answer: anAnswer(),
    nodes: [aNode()],
    startedAt: NOW,
    ...input,
  });
}

export const pulled = anEvidence();
export const present = anEvidence({ what: { is: 'already-present' }, message: `Container image "${IMAGE}" already present on machine` });
