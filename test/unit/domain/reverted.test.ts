import { describe, expect, it } from 'vitest';
import { reverted } from '../../../src/domain/reverted.ts';
import type { ContainerPlan, WorkloadPlan } from '../../../src/domain/plan.ts';
import { STAMP, type Workload } from '../../../src/domain/workload.ts';
import { aContainer, aWorkload, IMAGE, NEW, NOW, OLD, REPOSITORY, REQUEST } from '../../support/builders.ts';
import { aContainerPlan, anEvictPlan, aWorkloadPlan } from '../../support/plan-builders.ts';

const PINNED = `${IMAGE}@${NEW}`;
const ours = { [STAMP]: REQUEST };
const by = (manager: string, at = NOW + 30_000) => ({ manager, at });
const US = by('repull', NOW + 1000);

const patch = (over: object): WorkloadPlan => {
  const plan = aWorkloadPlan();
  return { ...plan, write: { ...plan.write, ...over } as WorkloadPlan['write'] };
};
const pinning = patch({ images: [{ container: 'app', role: 'container', image: PINNED }] });
const policing = patch({ pullPolicies: [{ container: 'app', role: 'container', pullPolicy: 'Always' }] });

function says(now: Partial<Workload> | undefined, plan = aWorkloadPlan(), container: Partial<ContainerPlan> = {}): string | undefined {
  const workload = now === undefined ? undefined : aWorkload({ templateAnnotations: ours, templateManagers: [US], ...now });
  const containers = [aContainerPlan(container)];
  const change = reverted({ workload, plan, containers, request: REQUEST, since: NOW + 500 });
  return typeof change === 'object' ? change.text : change;
}

describe('after success', () => {
  it('nothing is said while the change stands, whoever writes other fields', () => {
    expect(says({})).toBeUndefined();
    expect(says({ templateManagers: [by('argocd-controller'), US] })).toBeUndefined();
    expect(says({ templateAnnotations: {} }, anEvictPlan())).toBeUndefined();
  });

  it.each`
    manager                        | name
    ${'argocd-controller'}         | ${'Argo CD (field manager argocd-controller)'}
    ${'kustomize-controller'}      | ${'Flux (field manager kustomize-controller)'}
    ${'helm-controller'}           | ${'Flux (field manager helm-controller)'}
    ${'helm'}                      | ${'Helm (field manager helm)'}
    ${'kubectl'}                   | ${'somebody with kubectl (field manager kubectl)'}
    ${'kubectl-client-side-apply'} | ${'somebody with kubectl (field manager kubectl-client-side-apply)'}
    ${'zalando-operator'}          | ${'zalando-operator'}
  `('an image that $manager put back is told with its name', ({ manager, name }) => {
    const now = { templateManagers: [by(manager), US] };
    expect(says(now, pinning, { imageAfter: PINNED })).toBe(`${name} reverted the change: app is ${IMAGE} again.`);
  });

  it('another image than before is not said to be there again', () => {
    const now = { containers: [aContainer({ image: `${REPOSITORY}:v7` })], templateManagers: [by('ci'), US] };
    expect(says(now, pinning, { imageAfter: PINNED })).toBe(`ci reverted the change: app is ${REPOSITORY}:v7 now.`);
  });

  it('a policy alone that was put back is told', () => {
    const now = { containers: [aContainer({ pullPolicy: 'IfNotPresent' })], templateManagers: [by('argocd-controller'), US] };
    expect(says(now, policing, { pullPolicy: 'IfNotPresent', pullPolicyAfter: 'Always' })).toContain(
      'the pull policy of app is IfNotPresent again',
    );
  });

  it('a policy that only admission made Always is nobody’s revert', () => {
    const now = { containers: [aContainer({ pullPolicy: 'IfNotPresent' })] };
    expect(says(now, aWorkloadPlan(), { pullPolicy: 'Always', pullPolicyAfter: 'Always' })).toBeUndefined();
  });

  it('a container that is gone is told; a neighbour that changed is not', () => {
    expect(says({ containers: [aContainer({ name: 'other' })] })).toContain('app is gone');
    expect(says({ containers: [aContainer({ image: 'mesh/proxy:v2' })] }, aWorkloadPlan(), { concerned: false })).toBeUndefined();
  });

  it('a stamp that was only taken away is told, without a name where the API server notes none', () => {
    const before = by('kubectl-client-side-apply', NOW - 3_600_000);
    expect(says({ templateAnnotations: {}, templateManagers: [US, before] })).toBe(
      'somebody (the cluster does not note who) removed the stamp of this request from the template, so its pods are replaced once more.',
    );
    const owned = aWorkloadPlan({
      owners: [
        { by: 'argo-cd', name: 'shop', evidence: 'annotation' },
        { by: 'hpa', evidence: 'it' },
      ],
    });
    expect(says({ templateAnnotations: {}, templateManagers: [US] }, owned)).toContain(
      '(the cluster does not note who; it is managed by argo-cd (shop))',
    );
    expect(says({ templateAnnotations: {}, templateManagers: [by('argocd-controller')] })).toContain(
      'Argo CD (field manager argocd-controller)',
    );
  });

  it('an older stamp that somebody brought back is a revert, a stamp that repull wrote is a newer request', () => {
    const older = { templateAnnotations: { [STAMP]: 'r-0000' } };
    expect(says({ ...older, templateManagers: [by('kubectl'), US] })).toContain('took the template back to that of r-0000');
    expect(says({ ...older, templateManagers: [by('repull')] })).toBe('newer');
  });

  it('evicted pods are covered, too: the template is what their successors are made from', () => {
    const now = { containers: [aContainer({ image: `${REPOSITORY}:v0` })], templateManagers: [by('argocd-controller')] };
    expect(says({ ...now, templateAnnotations: {} }, anEvictPlan())).toContain(`app is ${REPOSITORY}:v0 now`);
    expect(
      says({ templateAnnotations: { [STAMP]: 'r-0000' }, templateManagers: [by('repull', NOW - 5000)] }, anEvictPlan()),
    ).toBeUndefined();
  });

  it('deletion is told, and who created it again', () => {
    expect(says(undefined)).toBe('it was deleted.');
    expect(says({ deleting: true })).toBe('it is being deleted.');
    expect(says({ uid: 'another', templateManagers: [by('helm')] })).toBe(
      'it was deleted, and Helm (field manager helm) created it again.',
    );
  });

  it('is told for a pin that went back to the digest before', () => {
    const now = { containers: [aContainer({ image: `${IMAGE}@${OLD}` })], templateManagers: [by('kubectl'), US] };
    expect(says(now, pinning, { image: `${IMAGE}@${OLD}`, imageAfter: PINNED })).toContain('again');
  });
});
