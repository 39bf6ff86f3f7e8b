import { describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../../src/domain/method.ts';
import { planRepull } from '../../../src/domain/plan-repull.ts';
import type { Write } from '../../../src/domain/plan.ts';
import type { RegistryAnswer } from '../../../src/domain/registry-answer.ts';
import type { Ask } from '../../../src/domain/request.ts';
import { imagesToResolve } from '../../../src/domain/select.ts';
import type { Owner, Snapshot, WorkloadView } from '../../../src/domain/workload.ts';
import {
  aBudget,
  aContainer,
  aDaemonSet,
  aDeployment,
  aNode,
  anAnswer,
  anAsk,
  aPod,
  aPodContainer,
  aSnapshot,
  aStatefulSet,
  aViewOf,
  digest,
  IMAGE,
  NEW,
  noAnswer,
  NOW,
  OLD,
  REPOSITORY,
  REQUEST,
} from '../../support/builders.ts';

const ARGO: Owner = { by: 'argo-cd', name: 'shop', evidence: 'annotation argocd.argoproj.io/tracking-id' };
const FLUX: Owner = { by: 'flux', name: 'shop', evidence: 'label kustomize.toolkit.fluxcd.io/name' };
const OPERATOR: Owner = { by: 'operator', name: 'ShopCluster/shop', evidence: 'ownerReference' };

interface World {
  ask?: Partial<Ask>;
  views?: WorkloadView[];
  snapshot?: Snapshot;
  answer?: RegistryAnswer;
  /** By image; what is not listed gets `answer`. */
  answers?: Record<string, RegistryAnswer>;
  allowed?: readonly Method[];
}

function plan({ ask: about, views, snapshot, answer = anAnswer(), answers = {}, allowed = METHODS }: World = {}) {
  const ask = anAsk(about);
  const seen = snapshot ?? aSnapshot(...(views ?? [aDeployment()]));
  const asked = new Map(imagesToResolve(ask, seen).map((image) => [image, answers[image] ?? answer]));
  return planRepull({ ask, request: REQUEST, at: NOW, snapshot: seen, answers: asked, allowed });
}

function planned(world?: World) {
  const result = plan(world);
  if ('refused' in result) throw new Error(`refused: ${JSON.stringify(result.refused)}`);
  return result.plan;
}

function refused(world?: World) {
  const result = plan(world);
  if ('plan' in result) throw new Error(`planned: ${result.plan.workloads.map((each) => each.method).join()}`);
  return result.refused;
}

const outcome = (world: World): string => {
  const result = plan(world);
  return 'plan' in result ? (result.plan.workloads[0]?.method ?? 'nothing') : result.refused.code;
};

function patch(world?: World): Extract<Write, { action: 'patch-template' }> {
  const write = planned(world).workloads[0]?.write;
  if (write?.action !== 'patch-template') throw new Error('no patch was planned');
  return write;
}

describe('choosing a method', () => {
  it.each`
    kind             | via          | pullPolicy        | outcome
    ${'Deployment'}  | ${'auto'}    | ${'Always'}       | ${'restart'}
    ${'Deployment'}  | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'Deployment'}  | ${'auto'}    | ${'Never'}        | ${'would-not-pull'}
    ${'Deployment'}  | ${'restart'} | ${'Always'}       | ${'restart'}
    ${'Deployment'}  | ${'restart'} | ${'IfNotPresent'} | ${'would-not-pull'}
    ${'Deployment'}  | ${'restart'} | ${'Never'}        | ${'would-not-pull'}
    ${'Deployment'}  | ${'always'}  | ${'Always'}       | ${'always'}
    ${'Deployment'}  | ${'always'}  | ${'IfNotPresent'} | ${'always'}
    ${'Deployment'}  | ${'always'}  | ${'Never'}        | ${'always'}
    ${'Deployment'}  | ${'pin'}     | ${'Always'}       | ${'pin'}
    ${'Deployment'}  | ${'pin'}     | ${'IfNotPresent'} | ${'pin'}
    ${'Deployment'}  | ${'pin'}     | ${'Never'}        | ${'would-not-pull'}
    ${'Deployment'}  | ${'evict'}   | ${'Always'}       | ${'evict'}
    ${'Deployment'}  | ${'evict'}   | ${'IfNotPresent'} | ${'would-not-pull'}
    ${'StatefulSet'} | ${'auto'}    | ${'Always'}       | ${'restart'}
    ${'StatefulSet'} | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'StatefulSet'} | ${'always'}  | ${'IfNotPresent'} | ${'always'}
    ${'StatefulSet'} | ${'evict'}   | ${'Always'}       | ${'evict'}
    ${'DaemonSet'}   | ${'auto'}    | ${'Always'}       | ${'restart'}
    ${'DaemonSet'}   | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'DaemonSet'}   | ${'pin'}     | ${'Always'}       | ${'pin'}
    ${'CronJob'}     | ${'auto'}    | ${'Always'}       | ${'next-run'}
    ${'CronJob'}     | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'CronJob'}     | ${'always'}  | ${'IfNotPresent'} | ${'always'}
    ${'CronJob'}     | ${'evict'}   | ${'Always'}       | ${'unsupported-kind'}
    ${'Job'}         | ${'auto'}    | ${'Always'}       | ${'unsupported-kind'}
    ${'Pod'}         | ${'evict'}   | ${'Always'}       | ${'unsupported-kind'}
    ${'ReplicaSet'}  | ${'auto'}    | ${'Always'}       | ${'evict'}
    ${'ReplicaSet'}  | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
  `('$kind with $pullPolicy via $via → $outcome', ({ kind, via, pullPolicy, outcome: expected }) => {
    expect(outcome({ ask: { via }, views: [aViewOf(kind, { pullPolicy })] })).toBe(expected);
  });

  it('says why, and names the policy it found', () => {
    const why = (pullPolicy: 'Always' | 'IfNotPresent') => planned({ views: [aDeployment({ pullPolicy })] }).workloads[0]?.why;
    expect(why('Always')).toContain('Always');
    expect(why('IfNotPresent')).toContain('app has the pull policy IfNotPresent');
  });

  it('believes the pods, not the template, because admission may have made the policy stricter', () => {
    const view = aDeployment({ pullPolicy: 'Always' });
    const lax = { ...view, workload: { ...view.workload, containers: [aContainer({ pullPolicy: 'IfNotPresent' })] } };
    expect(outcome({ views: [lax] })).toBe('restart');
  });

  it('does not let pods of an older revision speak for the template of now', () => {
    const view = aDeployment({ pullPolicy: 'Always' });
    const stricterNow = {
      ...view,
      pods: view.pods.map((pod) => ({
        ...pod,
        revision: 'rev0',
        containers: pod.containers.map((each) => ({ ...each, pullPolicy: 'IfNotPresent' as const })),
      })),
    };
    expect(outcome({ views: [stricterNow] })).toBe('restart');
  });

  it.each`
    allowed                  | pullPolicy        | outcome
    ${['auto', 'evict']}     | ${'Always'}       | ${'evict'}
    ${['auto', 'restart']}   | ${'IfNotPresent'} | ${'method-not-allowed'}
    ${['auto', 'always']}    | ${'IfNotPresent'} | ${'always'}
    ${['auto', 'set-image']} | ${'Always'}       | ${'method-not-allowed'}
    ${['restart']}           | ${'Always'}       | ${'method-not-allowed'}
  `('auto among $allowed with $pullPolicy → $outcome', ({ allowed, pullPolicy, outcome: expected }) => {
    expect(outcome({ allowed, views: [aDeployment({ pullPolicy })] })).toBe(expected);
  });

  it('refuses a method that is not allowed and lists those that are', () => {
    const failure = refused({ ask: { via: 'evict' }, allowed: ['auto', 'restart'] });
    expect(failure).toMatchObject({ code: 'method-not-allowed', subject: 'evict' });
    expect(failure.remedy).toContain('auto, restart');
  });
});

describe('nothing new in the registry', () => {
  it('is refused, and --force offered', () => {
    const failure = refused({ views: [aDeployment({ running: NEW })] });
    expect(failure.code).toBe('nothing-new');
    expect(failure.remedy).toBe('/repull my-app prod --force');
  });

  it('goes on with --force', () => {
    expect(outcome({ ask: { force: true }, views: [aDeployment({ running: NEW })] })).toBe('restart');
  });

  it('does not hold where one pod of many runs something else', () => {
    expect(outcome({ views: [aDeployment({ replicas: 3, running: [NEW, OLD, NEW] })] })).toBe('restart');
  });

  it('does not hold where no pod shows a digest', () => {
    const view = aDeployment();
    const blank = {
      ...view,
      pods: view.pods.map((pod) => ({ ...pod, containers: pod.containers.map(({ imageId: _gone, ...each }) => each) })),
    };
    expect(outcome({ views: [blank] })).toBe('restart');
  });

  const config = digest('config');
  const child = digest('child');
  const armChild = digest('arm');
  const index = anAnswer({
    identities: [
      { digest: NEW, of: 'index' },
      { digest: child, of: 'manifest', platform: 'linux/amd64' },
      { digest: armChild, of: 'manifest', platform: 'linux/arm64/v8' },
      { digest: config, of: 'config', platform: 'linux/amd64' },
    ],
    platforms: ['linux/amd64', 'linux/arm64/v8'],
  });
  it.each`
    shown                               | outcome
    ${`${REPOSITORY}@${NEW}`}           | ${'nothing-new'}
    ${`${REPOSITORY}@${child}`}         | ${'nothing-new'}
    ${`docker-pullable://x/y@${child}`} | ${'nothing-new'}
    ${`elsewhere.example/other@${NEW}`} | ${'nothing-new'}
    ${config}                           | ${'nothing-new'}
    ${`${REPOSITORY}@${armChild}`}      | ${'restart'}
    ${`${REPOSITORY}@${OLD}`}           | ${'restart'}
    ${'a runtime of its own'}           | ${'restart'}
  `('is decided by the set of digests, whatever the runtime shows: $shown → $outcome', ({ shown, outcome: expected }) => {
    const view = aDeployment();
    const pods = view.pods.map((pod) => ({ ...pod, containers: pod.containers.map((each) => ({ ...each, imageId: shown })) }));
    expect(outcome({ views: [{ ...view, pods }], answer: index })).toBe(expected);
  });

  it('knows the child manifest of the platform that the pod runs on', () => {
    const view = aDeployment();
    const pods = view.pods.map((pod) => ({ ...pod, containers: pod.containers.map((each) => ({ ...each, imageId: `x@${armChild}` })) }));
    const nodes = [aNode({ architecture: 'arm64' }), aNode({ name: 'node-2', architecture: 'arm64' })];
    expect(outcome({ snapshot: { ...aSnapshot({ ...view, pods }), nodes }, answer: index })).toBe('nothing-new');
  });

  it('in one workload of two leaves that one alone and says so', () => {
    const made = planned({ views: [aDeployment(), aStatefulSet({ running: NEW, workload: { name: 'my-app-cache' } })] });
    expect(made.workloads.map((each) => each.workload.name)).toEqual(['my-app']);
    expect(made.warnings.some((text) => text.startsWith('statefulset/my-app-cache is left alone'))).toBe(true);
  });

  it('in one container of two makes only the other one fetch', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1', pullPolicy: 'IfNotPresent' })];
    const made = planned({ views: [aDeployment({ containers, running: OLD })], answers: { 'mesh/proxy:v1': anAnswer({ digest: OLD }) } });
    expect(made.workloads[0]?.method).toBe('restart');
    expect(made.containers.map((each) => [each.container, each.concerned])).toEqual([
      ['app', true],
      ['proxy', false],
    ]);
  });
});

describe('a registry that cannot be asked', () => {
  it.each`
    via          | pullPolicy        | force    | outcome
    ${'auto'}    | ${'Always'}       | ${false} | ${'restart'}
    ${'auto'}    | ${'IfNotPresent'} | ${false} | ${'always'}
    ${'restart'} | ${'Always'}       | ${false} | ${'restart'}
    ${'restart'} | ${'IfNotPresent'} | ${false} | ${'would-not-pull'}
    ${'restart'} | ${'IfNotPresent'} | ${true}  | ${'restart'}
    ${'always'}  | ${'IfNotPresent'} | ${false} | ${'always'}
    ${'evict'}   | ${'Always'}       | ${false} | ${'evict'}
    ${'pin'}     | ${'Always'}       | ${false} | ${'registry-unknown'}
    ${'pin'}     | ${'Always'}       | ${true}  | ${'registry-unknown'}
  `('via $via with $pullPolicy, force $force → $outcome', ({ via, pullPolicy, force, outcome: expected }) => {
    expect(outcome({ ask: { via, force }, views: [aDeployment({ pullPolicy })], answer: noAnswer() })).toBe(expected);
  });

  it('is never read as nothing new, and the plan says loudly that it is unknown', () => {
    const made = planned({ views: [aDeployment({ running: NEW })], answer: noAnswer('rate-limited', '429 Too Many Requests') });
    expect(made.warnings[0]).toContain('rate-limited: 429 Too Many Requests');
    expect(made.warnings[0]).toContain('unknown');
  });

  it('holds a new tag back unless --force says to go on without knowing', () => {
    const ask = { via: 'set-image' as const, tag: 'v2' };
    expect(refused({ ask, answer: noAnswer() })).toMatchObject({
      code: 'registry-unknown',
      remedy: expect.stringContaining('--tag v2 --force'),
    });
    expect(outcome({ ask: { ...ask, force: true }, answer: noAnswer() })).toBe('set-image');
  });

  it('warns where a neighbour must be fetched too', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
    const made = planned({
      ask: { container: 'app' },
      views: [aDeployment({ containers })],
      answers: { 'mesh/proxy:v1': noAnswer('unreachable', 'ECONNREFUSED') },
    });
    expect(made.warnings.some((text) => text.includes('proxy restarts too') && text.includes('ECONNREFUSED'))).toBe(true);
  });
});

describe('an image that cannot be fetched', () => {
  it.each`
    ask                                  | force
    ${{ via: 'set-image', tag: 'nope' }} | ${false}
    ${{ via: 'set-image', tag: 'nope' }} | ${true}
    ${{ via: 'auto' }}                   | ${true}
  `('$ask is refused as image-not-found, force $force', ({ ask, force }) => {
    const failure = refused({ ask: { ...ask, force }, answer: noAnswer('not-found', 'manifest unknown') });
    expect(failure).toMatchObject({ code: 'image-not-found', evidence: 'manifest unknown' });
    expect(failure.remedy).toBeDefined();
  });

  it('says what to do about it: push it again where it runs, look at the tag where it is new', () => {
    const answer = noAnswer('not-found', 'manifest unknown');
    expect(refused({ answer }).remedy).toContain('push it again');
    expect(refused({ ask: { via: 'set-image', tag: 'nope' }, answer }).remedy).toBe(`check the tag; it runs ${IMAGE} now`);
  });

  it('is refused where it offers nothing for the platform of the nodes', () => {
    const arm = anAnswer({ identities: [{ digest: NEW, of: 'index' }], platforms: ['linux/arm64'] });
    expect(refused({ answer: arm })).toMatchObject({ code: 'no-matching-platform', evidence: expect.stringContaining('linux/amd64') });
  });

  it('is a warning where some nodes of several could run it', () => {
    const some = anAnswer({ identities: [{ digest: NEW, of: 'index' }], platforms: ['linux/arm64'] });
    const made = planned({
      snapshot: { ...aSnapshot(aDeployment()), nodes: [aNode(), aNode({ name: 'node-2', architecture: 'arm64' })] },
      answer: some,
    });
    expect(made.warnings.some((text) => text.includes('linux/amd64 (node-1)'))).toBe(true);
  });

  it('that is a single manifest of another architecture is a warning: a node fetches it, and fails to start it', () => {
    const single = anAnswer({ identities: [{ digest: NEW, of: 'manifest', platform: 'linux/arm64' }] });
    expect(planned({ answer: single }).warnings.join()).toContain('built for linux/arm64, its pods run on linux/amd64 (node-1, node-2)');
    const right = anAnswer({ identities: [{ digest: NEW, of: 'manifest', platform: 'linux/amd64' }] });
    expect(planned({ answer: right }).warnings.join()).not.toContain('built for');
  });

  it.each(['Shop/Api:v1', 'shop/api:v 1'])('%s is no image', (image) => {
    expect(refused({ ask: { via: 'set-image', image } })).toMatchObject({ code: 'invalid-image', subject: image });
  });
});

describe('the way back', () => {
  it('remembers where the runtime had a digest from, if that is not the image’s own repository', () => {
    const shows = (imageId: string) => {
      const pod = aPod({ containers: [aPodContainer({ imageId })] });
      return planned({ views: [aDeployment({ view: { pods: [pod] } })] }).containers[0]?.shownAs;
    };
    expect(shows(`registry.example/aaa/other@${OLD}`)).toEqual({ [OLD]: 'registry.example/aaa/other' });
    expect(shows(OLD)).toEqual({ [OLD]: 'config' });
    expect(shows(`docker-pullable://${REPOSITORY}@${OLD}`)).toBeUndefined();
  });
});

describe('a digest reference', () => {
  const pinned = `${IMAGE}@${OLD}`;
  it('is immutable, and the remedy moves the pin', () => {
    const failure = refused({ views: [aDeployment({ image: pinned })] });
    expect(failure).toMatchObject({ code: 'immutable-reference', subject: pinned });
    expect(failure.remedy).toContain('/repull my-app prod --pin');
  });

  it('without a tag has no pin to move', () => {
    const failure = refused({ views: [aDeployment({ image: `${REPOSITORY}@${OLD}` })] });
    expect(failure.code).toBe('immutable-reference');
    expect(failure.remedy).toContain('--tag or --image');
  });

  it('is asked about by its tag and moved by --pin', () => {
    const write = patch({ ask: { via: 'pin' }, views: [aDeployment({ image: pinned })], answers: { [IMAGE]: anAnswer() } });
    expect(write.images).toEqual([{ container: 'app', role: 'container', image: `${IMAGE}@${NEW}` }]);
  });

  it('that the tag still holds is nothing new', () => {
    expect(outcome({ ask: { via: 'pin' }, views: [aDeployment({ image: `${IMAGE}@${NEW}`, running: NEW })] })).toBe('nothing-new');
  });

  it('beside a mutable tag is left as it is, and said so', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: pinned })];
    const made = planned({ views: [aDeployment({ containers })] });
    expect(made.containers.find((each) => each.container === 'proxy')?.concerned).toBe(false);
    expect(made.warnings.some((text) => text.includes('proxy is left as it is'))).toBe(true);
  });

  it('restarts all the same with --force', () => {
    expect(outcome({ ask: { force: true }, views: [aDeployment({ image: pinned })] })).toBe('restart');
  });
});

describe('the state of the workload', () => {
  it.each`
    what                            | view                                                                                 | code
    ${'paused'}                     | ${aDeployment({ workload: { paused: true } })}                                       | ${'workload-paused'}
    ${'without replicas'}           | ${aDeployment({ replicas: 0 })}                                                      | ${'no-replicas'}
    ${'being deleted'}              | ${aDeployment({ workload: { deleting: true } })}                                     | ${'workload-gone'}
    ${'a mirror pod'}               | ${aDeployment({ view: { pods: [aPod({ mirror: true })] } })}                         | ${'unsupported-kind'}
    ${'wholly below its partition'} | ${aStatefulSet({ workload: { strategy: { type: 'RollingUpdate', partition: 2 } } })} | ${'would-not-pull'}
  `('$what → $code, with a way out', ({ view, code }) => {
    const failure = refused({ views: [view] });
    expect(failure.code).toBe(code);
    expect(failure.remedy?.length).toBeGreaterThan(10);
  });

  it('paused offers resume, and eviction where that fetches', () => {
    expect(refused({ views: [aDeployment({ workload: { paused: true } })] }).remedy).toBe(
      'resume it, then ask again: kubectl -n shop rollout resume deployment/my-app; or replace the pods as they are: /repull my-app prod --via evict',
    );
    expect(refused({ views: [aDeployment({ pullPolicy: 'IfNotPresent', workload: { paused: true } })] }).remedy).not.toContain('evict');
    expect(outcome({ ask: { via: 'evict' }, views: [aDeployment({ workload: { paused: true } })] })).toBe('evict');
  });

  it.each([aDaemonSet, aStatefulSet])('with OnDelete and Always loses its pods one at a time', (kind) => {
    expect(outcome({ views: [kind({ workload: { strategy: { type: 'OnDelete' } } })] })).toBe('evict');
  });

  it.each([aDaemonSet, aStatefulSet])('with OnDelete and IfNotPresent is patched, and then loses its pods one at a time', (kind) => {
    const view = kind({ pullPolicy: 'IfNotPresent', workload: { strategy: { type: 'OnDelete' } } });
    const [made] = planned({ views: [view] }).workloads;
    expect(made).toMatchObject({ method: 'pin', write: { action: 'patch-template' }, second: { action: 'evict', forceDelete: false } });
    const going = made?.second?.action === 'evict' ? made.second.pods.map(({ uid }) => uid) : [];
    expect(new Set(going)).toEqual(new Set(view.pods.map(({ uid }) => uid)));
    expect(made?.why).toContain('OnDelete, so repull evicts its pods one at a time afterwards');
  });

  it('with OnDelete needs evictions, so an environment that does not allow them refuses', () => {
    const view = aDaemonSet({ pullPolicy: 'IfNotPresent', workload: { strategy: { type: 'OnDelete' } } });
    expect(refused({ views: [view], allowed: ['auto', 'pin'] })).toMatchObject({ code: 'method-not-allowed', subject: 'evict' });
  });

  it('with a partition replaces only the ordinals above it, and says how many', () => {
    const made = planned({ views: [aStatefulSet({ replicas: 3, workload: { strategy: { type: 'RollingUpdate', partition: 1 } } })] });
    expect(made.warnings.some((text) => text.includes('2 of 3'))).toBe(true);
  });
});

describe('eviction', () => {
  const one = (allowed: number, desiredHealthy: number) =>
    aDeployment({
      replicas: 1,
      view: { budgets: [aBudget({ allowed, desiredHealthy, expectedPods: 1, currentHealthy: 1, pods: ['my-app-1'] })] },
    });

  it('of the only pod under a budget is refused, and a rolling restart offered', () => {
    const failure = refused({ ask: { via: 'evict' }, views: [one(0, 1)] });
    expect(failure).toMatchObject({ code: 'disruption-budget', subject: 'my-app' });
    expect(failure.remedy).toContain('/repull my-app prod');
    expect(failure.remedy).not.toContain('evict');
  });

  it('of the only pod goes on where the budget allows it, with a warning', () => {
    const made = planned({ ask: { via: 'evict' }, views: [one(1, 0)] });
    expect(made.workloads[0]?.downtime).toBe('the only pod, until its successor is ready');
    expect(made.warnings.some((text) => text.includes('single pod'))).toBe(true);
  });

  it('goes past the budget with --force-delete', () => {
    const made = planned({ ask: { via: 'evict', forceDelete: true }, views: [one(0, 1)] });
    expect(made.workloads[0]?.write).toMatchObject({ action: 'evict', forceDelete: true });
    expect(made.warnings.some((text) => text.includes('past its disruption budget'))).toBe(true);
  });

  it('waits its turn where the budget is merely used up', () => {
    const view = aDeployment({ view: { budgets: [aBudget({ allowed: 0, desiredHealthy: 1, expectedPods: 2 })] } });
    expect(outcome({ ask: { via: 'evict' }, views: [view] })).toBe('evict');
  });

  it('is refused where two budgets select a pod', () => {
    const view = aDeployment({ view: { budgets: [aBudget(), aBudget({ name: 'other' })] } });
    expect(refused({ ask: { via: 'evict' }, views: [view] })).toMatchObject({ code: 'budget-misconfigured', subject: 'my-app, other' });
  });

  it('of one pod by name removes that one', () => {
    const made = planned({ ask: { via: 'evict', pod: 'my-app-2' } });
    expect(made.workloads[0]?.write).toMatchObject({ action: 'evict', pods: [{ name: 'my-app-2', uid: 'uid-my-app-2', node: 'node-2' }] });
    expect(made.workloads[0]?.pods.length).toBe(2);
  });

  it('of a pod that is not there lists those that are', () => {
    expect(refused({ ask: { via: 'evict', pod: 'nope' } })).toMatchObject({ code: 'unknown-pod', remedy: 'its pods: my-app-1, my-app-2' });
  });

  it('takes pods that cannot serve first, and a StatefulSet from the top', () => {
    const view = aDeployment({ replicas: 3 });
    const pods = view.pods.map((pod) => ({ ...pod, ready: pod.name !== 'my-app-2' }));
    const names = (views: WorkloadView[]) => {
      const write = planned({ ask: { via: 'evict' }, views }).workloads[0]?.write;
      return write?.action === 'evict' ? write.pods.map(({ name }) => name) : [];
    };
    expect(names([{ ...view, pods }])).toEqual(['my-app-2', 'my-app-1', 'my-app-3']);
    expect(names([aStatefulSet({ replicas: 3 })])).toEqual(['my-app-2', 'my-app-1', 'my-app-0']);
  });

  it('leaves out pods that are going or finished', () => {
    const view = aDeployment({ replicas: 3 });
    const pods = view.pods.map((pod, index) => ({ ...pod, deleting: index === 0, phase: index === 1 ? 'Failed' : 'Running' }));
    const made = planned({ ask: { via: 'evict' }, views: [{ ...view, pods }] });
    expect(made.workloads[0]?.write).toMatchObject({ pods: [{ name: 'my-app-3' }] });
  });
});

describe('who else writes the workload', () => {
  it.each`
    owner       | via          | pullPolicy        | force    | outcome
    ${ARGO}     | ${'auto'}    | ${'Always'}       | ${false} | ${'restart'}
    ${ARGO}     | ${'auto'}    | ${'IfNotPresent'} | ${false} | ${'would-be-reverted'}
    ${ARGO}     | ${'auto'}    | ${'IfNotPresent'} | ${true}  | ${'always'}
    ${FLUX}     | ${'restart'} | ${'Always'}       | ${false} | ${'restart'}
    ${FLUX}     | ${'pin'}     | ${'Always'}       | ${false} | ${'would-be-reverted'}
    ${FLUX}     | ${'pin'}     | ${'Always'}       | ${true}  | ${'pin'}
    ${ARGO}     | ${'always'}  | ${'IfNotPresent'} | ${false} | ${'would-be-reverted'}
    ${ARGO}     | ${'always'}  | ${'Always'}       | ${false} | ${'always'}
    ${ARGO}     | ${'evict'}   | ${'Always'}       | ${false} | ${'evict'}
    ${OPERATOR} | ${'auto'}    | ${'Always'}       | ${false} | ${'evict'}
    ${OPERATOR} | ${'auto'}    | ${'IfNotPresent'} | ${false} | ${'would-be-reverted'}
    ${OPERATOR} | ${'restart'} | ${'Always'}       | ${false} | ${'would-be-reverted'}
    ${OPERATOR} | ${'restart'} | ${'Always'}       | ${true}  | ${'restart'}
  `('$owner.by, via $via with $pullPolicy, force $force → $outcome', ({ owner, via, pullPolicy, force, outcome: expected }) => {
    expect(outcome({ ask: { via, force }, views: [aDeployment({ pullPolicy, workload: { owners: [owner] } })] })).toBe(expected);
  });

  it('is named in the refusal, with what to change and how to insist', () => {
    const failure = refused({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ workload: { owners: [ARGO] } })] });
    expect(failure).toMatchObject({ code: 'would-be-reverted', evidence: expect.stringContaining('argo-cd (shop)') });
    expect(failure.remedy).toBe('change the image or imagePullPolicy in Git; or do it all the same: /repull my-app prod --tag v2 --force');
  });

  it('is warned about where the change goes on', () => {
    const warns = (owner: Owner, ask: Partial<Ask>) =>
      planned({ ask, views: [aDeployment({ workload: { owners: [owner] } })] }).warnings.join('\n');
    expect(warns(ARGO, { via: 'pin', force: true })).toContain('argo-cd (shop) will probably take the change back');
    expect(warns({ by: 'helm', name: 'shop', evidence: 'label' }, { via: 'pin' })).toContain('Helm release shop');
    expect(warns(ARGO, {})).toContain('restart annotation');
    expect(warns(FLUX, {})).not.toContain('take the change back');
  });
});

describe('a new tag or image', () => {
  it('is written into every container of that repository', () => {
    const containers = [aContainer(), aContainer({ name: 'migrate', role: 'init', pullPolicy: 'IfNotPresent' })];
    const write = patch({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ containers })] });
    expect(write.images).toEqual([
      { container: 'app', role: 'container', image: `${REPOSITORY}:v2` },
      { container: 'migrate', role: 'init', image: `${REPOSITORY}:v2` },
    ]);
  });

  const meshed = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
  it('is never guessed among several repositories', () => {
    expect(refused({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ containers: meshed })] })).toMatchObject({
      code: 'bad-usage',
      evidence: expect.stringContaining('proxy (mesh/proxy:v1)'),
      remedy: 'say which one with --container',
    });
    expect(
      patch({ ask: { via: 'set-image', tag: 'v2', container: 'proxy' }, views: [aDeployment({ containers: meshed })] }).images,
    ).toEqual([{ container: 'proxy', role: 'container', image: 'mesh/proxy:v2' }]);
  });

  it('--image goes to the container of its repository, in whatever form that is written', () => {
    const containers = [aContainer({ image: 'docker.io/shop/api:v1' }), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
    const write = patch({ ask: { via: 'set-image', image: 'shop/api:v2' }, views: [aDeployment({ containers })] });
    expect(write.images).toEqual([{ container: 'app', role: 'container', image: 'shop/api:v2' }]);
  });

  it('--image of another repository replaces a single container, and is not guessed among several', () => {
    expect(patch({ ask: { via: 'set-image', image: 'other/api:v9' } }).images[0]?.image).toBe('other/api:v9');
    expect(outcome({ ask: { via: 'set-image', image: 'other/api:v9' }, views: [aDeployment({ containers: meshed })] })).toBe('bad-usage');
  });

  it.each`
    pullPolicy        | outcome
    ${'Always'}       | ${'set-image'}
    ${'IfNotPresent'} | ${'would-not-pull'}
  `('that is the one it runs already, with $pullPolicy → $outcome', ({ pullPolicy, outcome: expected }) => {
    expect(outcome({ ask: { via: 'set-image', tag: 'v1' }, views: [aDeployment({ pullPolicy })] })).toBe(expected);
  });

  it('is a change also where it holds the bits that run', () => {
    expect(outcome({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ running: NEW })] })).toBe('set-image');
  });

  it('warns that nodes may hold that tag already', () => {
    const made = planned({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ pullPolicy: 'IfNotPresent' })] });
    expect(made.warnings.some((text) => text.includes('has this tag already'))).toBe(true);
  });

  it('must be given for --via set-image', () => {
    expect(refused({ ask: { via: 'set-image' } })).toMatchObject({ code: 'bad-usage', evidence: 'it needs --tag or --image' });
  });
});

describe('which workload and container is meant', () => {
  it('an unknown container is refused with the list', () => {
    expect(refused({ ask: { container: 'nope' } })).toMatchObject({
      code: 'unknown-container',
      remedy: 'containers of deployment/my-app: app',
    });
  });

  it('a container that one of two workloads has is found there', () => {
    const cache = aStatefulSet({ workload: { name: 'my-app-cache' }, containers: [aContainer({ name: 'redis' })] });
    expect(planned({ ask: { container: 'redis' }, views: [aDeployment(), cache] }).workloads.map((each) => each.workload.name)).toEqual([
      'my-app-cache',
    ]);
  });

  it('an unknown workload is refused with the list', () => {
    expect(refused({ ask: { workload: 'deployment/nope' } })).toMatchObject({
      code: 'unknown-workload',
      remedy: 'workloads of my-app: deployment/my-app',
    });
  });

  it('one workload in the way stops the whole, and the answer says how to go on without it', () => {
    const job = aViewOf('Job', { workload: { name: 'my-app-clean' } });
    const failure = refused({ views: [job, aDeployment()] });
    expect(failure.code).toBe('unsupported-kind');
    expect(failure.evidence).toContain('job/my-app-clean');
    expect(failure.remedy).toContain('/repull my-app prod --workload deployment/my-app');
    expect(outcome({ ask: { workload: 'deployment/my-app' }, views: [job, aDeployment()] })).toBe('restart');
  });
});

describe('the write', () => {
  it('is one patch with everything in it: image, policy, stamp and time', () => {
    const containers = [aContainer({ pullPolicy: 'IfNotPresent' }), aContainer({ name: 'migrate', role: 'init', pullPolicy: 'Never' })];
    expect(patch({ ask: { via: 'always' }, views: [aDeployment({ containers })] })).toEqual({
      action: 'patch-template',
      workload: { kind: 'Deployment', namespace: 'shop', name: 'my-app' },
      uid: 'uid-my-app',
      resourceVersion: '100',
      annotations: { 'repull.dev/request': REQUEST, 'kubectl.kubernetes.io/restartedAt': '2026-12-01T21:00:00Z' },
      images: [],
      pullPolicies: [
        { container: 'app', role: 'container', pullPolicy: 'Always' },
        { container: 'migrate', role: 'init', pullPolicy: 'Always' },
      ],
    });
  });

  it('pins what needs a pin and leaves what fetches anyway', () => {
    const containers = [aContainer({ pullPolicy: 'IfNotPresent' }), aContainer({ name: 'side', role: 'sidecar', image: 'shop/side:v3' })];
    expect(patch({ views: [aDeployment({ containers })] }).images).toEqual([
      { container: 'app', role: 'container', image: `${IMAGE}@${NEW}` },
    ]);
    expect(patch({ ask: { via: 'pin' }, views: [aDeployment({ containers })] }).images.length).toBe(2);
  });

  it('pins an image without a tag as latest, so that the pin can be moved', () => {
    expect(patch({ ask: { via: 'pin' }, views: [aDeployment({ image: 'shop/api' })] }).images[0]?.image).toBe(`shop/api:latest@${NEW}`);
  });

  it('of a restart changes nothing but annotations', () => {
    expect(patch()).toMatchObject({ images: [], pullPolicies: [] });
  });
});

describe('warnings', () => {
  const text = (world: World) => planned(world).warnings.join('\n');
  it('name a mutable tag and offer the pin, and stop once it is pinned', () => {
    expect(text({})).toContain(`${IMAGE} is a mutable tag`);
    expect(text({})).toContain('--pin');
    expect(text({ ask: { via: 'pin' } })).not.toContain('mutable tag');
  });

  it.each`
    what                   | view                                                                                                                  | says
    ${'an autoscaler'}     | ${aDeployment({ view: { autoscaler: { name: 'my-app', min: 2, max: 9 } } })}                                          | ${'2 to 9'}
    ${'a single pod'}      | ${aStatefulSet({ replicas: 1 })}                                                                                      | ${'single pod'}
    ${'Recreate'}          | ${aDeployment({ workload: { strategy: { type: 'Recreate' } } })}                                                      | ${'all 2 pods stop'}
    ${'mixed digests'}     | ${aDeployment({ running: [OLD, digest('older')] })}                                                                   | ${'2 different digests'}
    ${'an image volume'}   | ${aDeployment({ workload: { imageVolumes: [{ name: 'model', reference: 'shop/model:v1', pullPolicy: 'Always' }] } })} | ${'unverifiable'}
    ${'a running rollout'} | ${aDeployment({ workload: { status: { replicas: 3, updated: 1, ready: 2, available: 2, conditions: [] } } })}         | ${'a rollout is not finished'}
  `('tell of $what', ({ view, says }) => {
    expect(text({ views: [view] })).toContain(says);
  });

  it('tell of a container that is left out, and why', () => {
    const containers = [aContainer(), aContainer({ name: 'cache', image: 'redis:7', pullPolicy: 'Never' })];
    expect(text({ views: [aDeployment({ containers })] })).toContain('cache is left as it is: its pull policy is Never');
    const pinned = [aContainer(), aContainer({ name: 'cache', image: `redis@${OLD}` })];
    expect(text({ views: [aDeployment({ containers: pinned })] })).toContain('cache is left as it is: its image is a digest');
  });

  it('tell of Helm where one container of several changes, and not where none does', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
    const owners: Owner[] = [{ by: 'helm', name: 'shop', evidence: 'label' }];
    const view = aDeployment({ containers, workload: { owners } });
    expect(text({ ask: { via: 'pin', container: 'app' }, views: [view] })).toContain('Helm release shop');
    expect(text({ views: [view] })).not.toContain('Helm');
  });

  it('do not cry over a single pod that is replaced before it goes', () => {
    expect(text({ views: [aDeployment({ replicas: 1 })] })).not.toContain('single pod');
  });

  it('tell of a node that is away', () => {
    expect(text({ snapshot: { ...aSnapshot(aDeployment()), nodes: [aNode({ ready: false }), aNode({ name: 'node-2' })] } })).toContain(
      'node-1 is not ready',
    );
  });
});
