import { describe, expect, it } from 'vitest';
import { observe, type ObserveInput } from '../../../src/domain/observe.ts';
import { readPullEvent } from '../../../src/domain/pull-event.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import { STAMP } from '../../../src/domain/workload.ts';
import type { Condition, Pod, PodContainer, Workload, WorkloadKind, WorkloadView } from '../../../src/domain/workload.ts';
import {
  aContainerPlan,
  anEvent,
  anEvidence,
  aPod,
  aPodContainer,
  aRevision,
  aViewOf,
  aWorkloadPlan,
  IMAGE,
  noAnswer,
  NOW,
  REQUEST,
} from '../../support/builders.ts';
import { recordedEvents, recordedPod } from '../../support/fixtures.ts';

const SECOND = 1000;

const newPod = (name: string, over: Partial<Pod> = {}): Pod => aPod({ name, revision: 'rev2', createdAt: NOW, readySince: NOW, ...over });
const startingPod = (name: string, container: Partial<PodContainer> = {}, over: Partial<Pod> = {}): Pod =>
  newPod(name, {
    ready: false,
    phase: 'Pending',
    containers: [aPodContainer({ ready: false, state: { is: 'waiting', reason: 'ContainerCreating' }, ...container })],
    ...over,
  });
const oldPod = (name: string, over: Partial<Pod> = {}): Pod => aPod({ name, revision: 'rev1', ...over });

interface Scene {
  kind?: WorkloadKind;
  pods?: Pod[];
  status?: Partial<Workload['status']>;
  workload?: Partial<Workload>;
  view?: Partial<WorkloadView>;
  input?: Partial<ObserveInput>;
  now?: number;
}

/** A rollout of two pods by this request: its template is stamped and seen, rev2 is its revision. Everything is done unless said otherwise. */
function input({ kind = 'Deployment', pods, status, workload, view, input: more, now = NOW + 10 * SECOND }: Scene = {}): ObserveInput {
  const base = aViewOf(kind, {});
  const done = {
    replicas: 2,
    updated: 2,
    ready: 2,
    available: 2,
    conditions: [],
    ...(kind === 'Deployment' ? {} : { updateRevision: 'rev2', currentRevision: 'rev1' }),
  };
  const ref = { kind, namespace: 'shop', name: 'my-app' };
  return {
    view: {
      ...base,
      pods: pods ?? [newPod('new-1', { ordinal: 0 }), newPod('new-2', { ordinal: 1 })],
      revisions: [aRevision({ hash: 'rev2', number: 2, stamp: REQUEST, createdAt: NOW }), aRevision()],
      ...view,
      workload: {
        ...base.workload,
        generation: 2,
        observedGeneration: 2,
        templateAnnotations: { [STAMP]: REQUEST },
        templateManagers: [{ manager: 'repull', at: NOW }],
        ...workload,
        status: { ...done, ...status },
      },
    },
    plan: aWorkloadPlan({ workload: ref }),
    containers: [aContainerPlan({ workload: ref })],
    request: REQUEST,
    evidence: [],
    symptoms: {},
    evicted: [],
    nodes: { facts: [], lost: [] },
    now,
    ...more,
  };
}

const look = (scene: Scene = {}) => observe(input(scene)).progress;

/** The same sight at several moments, each with the memory of the one before. */
function over(scene: Scene, seconds: readonly number[]) {
  let symptoms: Symptoms = {};
  return seconds.map((second) => {
    const seen = observe({ ...input({ ...scene, now: NOW + second * SECOND }), symptoms });
    symptoms = seen.symptoms;
    return seen.progress.observation;
  });
}
const codes = (scene: Scene, ...seconds: number[]) =>
  over(scene, seconds).map((observation) => (observation.phase === 'stalled' ? observation.because.code : observation.phase));

describe('how far a rollout is', () => {
  it.each`
    kind             | what                            | scene                                                                                                                                                            | observation
    ${'Deployment'}  | ${'not seen by its controller'} | ${{ workload: { observedGeneration: 1 } }}                                                                                                                       | ${{ phase: 'unobserved' }}
    ${'Deployment'}  | ${'seen, no ReplicaSet yet'}    | ${{ view: { revisions: [aRevision()] }, pods: [oldPod('a')] }}                                                                                                   | ${{ phase: 'unobserved' }}
    ${'Deployment'}  | ${'half updated'}               | ${{ status: { updated: 1, replicas: 3 } }}                                                                                                                       | ${{ phase: 'updating', updated: 1, desired: 2 }}
    ${'Deployment'}  | ${'old pods left'}              | ${{ status: { replicas: 3 } }}                                                                                                                                   | ${{ phase: 'retiring', old: 1 }}
    ${'Deployment'}  | ${'not all available'}          | ${{ status: { available: 1 } }}                                                                                                                                  | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'Deployment'}  | ${'done'}                       | ${{}}                                                                                                                                                            | ${{ phase: 'complete' }}
    ${'Deployment'}  | ${'counted, one pod not ready'} | ${{ pods: [newPod('a'), startingPod('b')] }}                                                                                                                     | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'StatefulSet'} | ${'revision not seen'}          | ${{ status: { updateRevision: 'rev1' } }}                                                                                                                        | ${{ phase: 'unobserved' }}
    ${'StatefulSet'} | ${'half updated'}               | ${{ status: { updated: 1 }, pods: [newPod('a', { ordinal: 1 }), oldPod('b', { ordinal: 0 })] }}                                                                  | ${{ phase: 'updating', updated: 1, desired: 2 }}
    ${'StatefulSet'} | ${'not all ready'}              | ${{ status: { ready: 1 } }}                                                                                                                                      | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'StatefulSet'} | ${'done'}                       | ${{}}                                                                                                                                                            | ${{ phase: 'complete' }}
    ${'StatefulSet'} | ${'done down to its partition'} | ${{ status: { updated: 1 }, workload: { strategy: { type: 'RollingUpdate', partition: 1 } }, pods: [newPod('a', { ordinal: 1 }), oldPod('b', { ordinal: 0 })] }} | ${{ phase: 'complete' }}
    ${'DaemonSet'}   | ${'half updated'}               | ${{ status: { updated: 1 } }}                                                                                                                                    | ${{ phase: 'updating', updated: 1, desired: 2 }}
    ${'DaemonSet'}   | ${'not all available'}          | ${{ status: { available: 0 } }}                                                                                                                                  | ${{ phase: 'settling', available: 0, desired: 2 }}
    ${'DaemonSet'}   | ${'done'}                       | ${{}}                                                                                                                                                            | ${{ phase: 'complete' }}
  `('$kind, $what', ({ kind, scene, observation }) => {
    expect(look({ kind, ...scene }).observation).toEqual(observation);
  });

  it('waits until the new pods have been ready for minReadySeconds', () => {
    const slow = { workload: { minReadySeconds: 30 } };
    expect(look({ ...slow, now: NOW + 29 * SECOND }).observation).toEqual({ phase: 'settling', available: 0, desired: 2 });
    expect(look({ ...slow, now: NOW + 30 * SECOND }).observation.phase).toBe('complete');
  });

  it('waits for old pods that are terminating, but not for ever', () => {
    const pods = [newPod('a'), newPod('b'), oldPod('c', { deleting: true })];
    expect(look({ pods, now: NOW + 3 * SECOND })).toMatchObject({ observation: { phase: 'retiring', old: 1 }, old: 1, desired: 2 });
    expect(codes({ pods }, 3, 62, 64)).toEqual(['retiring', 'retiring', 'complete']);
  });

  it('does not take a container that was ready for a blink for one that runs', () => {
    const pods = [newPod('a'), newPod('b')];
    expect(codes({ pods }, 0, 1, 2)).toEqual(['settling', 'settling', 'complete']);
  });

  it('is gone when the workload is, or came back as another one', () => {
    expect(look({ input: { view: undefined } }).observation.phase).toBe('gone');
    expect(look({ workload: { uid: 'another' } }).observation.phase).toBe('gone');
    expect(look({ workload: { deleting: true } }).observation.phase).toBe('gone');
  });

  it('is not confused by a generation that an autoscaler moved', () => {
    expect(look({ workload: { generation: 9, observedGeneration: 9 } }).observation.phase).toBe('complete');
  });
});

describe('superseded', () => {
  it.each`
    what                       | workload                                                                                                                                                         | by
    ${'the stamp is gone'} | ${{ templateAnnotations: {}, templateManagers: [{ manager: 'argocd-controller', at: NOW + 1 }, { manager: 'repull', at: NOW }] }} | ${'argocd-controller'}
    ${'another request came'}  | ${{ templateAnnotations: { [STAMP]: 'r-other' } }}                                                                                                               | ${'request r-other'}
    ${'another image was set'} | ${{ containers: [{ name: 'app', role: 'container', image: 'shop/api:v9', pullPolicy: 'Always' }], templateManagers: [{ manager: 'kubectl-set', at: NOW + 1 }] }} | ${'kubectl-set'}
    ${'nobody left a name'}    | ${{ templateAnnotations: {}, templateManagers: [] }}                                                                                                             | ${'somebody'}
  `('when $what, by $by', ({ workload, by }) => {
    expect(look({ workload }).observation).toEqual({ phase: 'superseded', by });
  });

  it('when the policy that was written is taken back', () => {
    const containers = [aContainerPlan({ pullPolicy: 'IfNotPresent', pullPolicyAfter: 'Always' })];
    const workload = { containers: [{ name: 'app', role: 'container' as const, image: IMAGE, pullPolicy: 'IfNotPresent' as const }] };
    expect(look({ workload, input: { containers } }).observation.phase).toBe('superseded');
    expect(look({ input: { containers } }).observation.phase).toBe('complete');
  });
});

describe('pods on the card', () => {
  const said = (...whats: Parameters<typeof anEvidence>[0][]) => whats.map((each) => anEvidence({ podUid: 'uid-a', pod: 'a', ...each }));
  const one = (pod: Pod, evidence = said()) => look({ pods: [pod], status: { updated: 1, replicas: 2 }, input: { evidence } }).pods[0];

  it.each`
    phase         | detail                | pod                                                                                            | evidence
    ${'waiting'}  | ${undefined}          | ${startingPod('a')}                                                                            | ${[]}
    ${'pulling'}  | ${undefined}          | ${startingPod('a')}                                                                            | ${said({ what: { is: 'pulling' } })}
    ${'pulled'}   | ${'pulled in 2.1 s'}  | ${startingPod('a')}                                                                            | ${said({ what: { is: 'pulling' }, at: NOW - 1 }, {})}
    ${'starting'} | ${'pulled in 2.1 s'}  | ${startingPod('a', { state: { is: 'running', startedAt: NOW } })}                              | ${said({})}
    ${'ready'}    | ${'pulled in 2.1 s'}  | ${newPod('a')}                                                                                 | ${said({})}
    ${'ready'}    | ${'from node cache'}  | ${newPod('a')}                                                                                 | ${said({ what: { is: 'already-present' } })}
    ${'ready'}    | ${undefined}          | ${newPod('a')}                                                                                 | ${[]}
    ${'failed'}   | ${'ErrImagePull'}     | ${startingPod('a', { state: { is: 'waiting', reason: 'ErrImagePull', message: 'x' } })}        | ${[]}
    ${'failed'}   | ${'CrashLoopBackOff'} | ${startingPod('a', { restartCount: 1, state: { is: 'waiting', reason: 'CrashLoopBackOff' } })} | ${said({})}
  `('$phase, $detail', ({ phase, detail, pod, evidence }) => {
    expect(one(pod, evidence)).toEqual({ pod: 'a', uid: 'uid-a', node: 'node-1', phase, ...(detail === undefined ? {} : { detail }) });
  });

  it('are at most a hundred, while the counts stay whole', () => {
    const pods = Array.from({ length: 150 }, (_, index) => newPod(`n${index}`));
    const progress = look({ pods, workload: { replicas: 150 }, status: { replicas: 150, updated: 150, ready: 150, available: 150 } });
    expect(progress).toMatchObject({ desired: 150, observation: { phase: 'complete' } });
    expect(progress.pods.length).toBe(100);
  });
});

describe('a rollout that will not finish', () => {
  const failing = (container: Partial<PodContainer>, scene: Scene = {}): Scene => ({
    pods: [startingPod('a', container), oldPod('b'), oldPod('c')],
    status: { updated: 1, replicas: 3, ready: 2, available: 2 },
    ...scene,
  });
  const waiting = (reason: string, message = ''): Partial<PodContainer> => ({ state: { is: 'waiting', reason, message } });
  const attempts = (count: number, message: string) => ({
    evidence: [anEvidence({ podUid: 'uid-a', pod: 'a', count, what: { is: 'failed', reason: 'ErrImagePull', message }, message })],
  });
  const MISSING = 'rpc error: code = NotFound desc = failed to resolve reference "shop/api:v9": shop/api:v9: not found';
  const THROTTLED = 'unexpected status code 429 Too Many Requests';

  it('fails at the second attempt to pull what is not there, not at the first', () => {
    expect(codes(failing(waiting('ErrImagePull', MISSING), { input: attempts(1, MISSING) }), 0)).toEqual(['updating']);
    expect(codes(failing(waiting('ErrImagePull', MISSING), { input: attempts(2, MISSING) }), 0)).toEqual(['image-not-found']);
  });

  it('fails at the first attempt where the registry told repull the same', () => {
    const containers = [aContainerPlan({ registry: noAnswer('not-found') })];
    expect(codes(failing(waiting('ErrImagePull', MISSING), { input: { ...attempts(1, MISSING), containers } }), 0)).toEqual([
      'image-not-found',
    ]);
  });

  it('fails without any event once the pod has said so for half a minute', () => {
    expect(
      codes(failing(waiting('ImagePullBackOff', `Back-off pulling image "shop/api:v9": ErrImagePull: ${MISSING}`)), 0, 20, 30),
    ).toEqual(['updating', 'updating', 'image-not-found']);
  });

  it('takes the cause of a bare back-off from the event that was kept', () => {
    const denied = 'failed to authorize: 403 Forbidden';
    expect(codes(failing(waiting('ImagePullBackOff', 'Back-off pulling image "shop/api:v9"'), { input: attempts(2, denied) }), 0)).toEqual([
      'registry-denied',
    ]);
  });

  it('quotes the last cause, not the events that repeat the failure without one', () => {
    const { evidence } = attempts(2, 'first: 403 Forbidden');
    const last = anEvidence({
      podUid: 'uid-a',
      at: NOW + 1,
      what: { is: 'failed', reason: 'ErrImagePull', message: 'last: 401 Unauthorized' },
    });
    const empty = anEvidence({ podUid: 'uid-a', at: NOW + 2, what: { is: 'failed', reason: 'ErrImagePull', message: '' } });
    const scene = failing(waiting('ImagePullBackOff', 'Back-off pulling image "shop/api:v9"'), {
      input: { evidence: [...evidence, last, empty] },
    });
    expect(over(scene, [0])).toMatchObject([{ because: { code: 'registry-denied', evidence: 'last: 401 Unauthorized (on node-1)' } }]);
  });

  it('gives a throttled registry five minutes', () => {
    const scene = failing(waiting('ErrImagePull', THROTTLED), { input: attempts(6, THROTTLED) });
    expect(codes(scene, 0, 120, 299, 300)).toEqual(['updating', 'updating', 'updating', 'pull-failed']);
    const [last] = over(scene, [0, 300]).slice(-1);
    expect(last).toMatchObject({ because: { transient: true, subject: 'a/app', evidence: `${THROTTLED} (on node-1)` } });
  });

  it('starts counting anew when the registry recovered in between', () => {
    let symptoms: Symptoms = {};
    const at = (second: number, scene: Scene) => {
      const seen = observe({ ...input({ ...scene, now: NOW + second * SECOND }), symptoms });
      symptoms = seen.symptoms;
      return seen.progress.observation.phase;
    };
    const bad = failing(waiting('ErrImagePull', THROTTLED));
    const good = failing({ state: { is: 'running', startedAt: NOW } });
    expect([at(0, bad), at(100, good), at(200, good), at(290, bad), at(400, bad), at(600, bad)]).toEqual([
      'updating',
      'updating',
      'updating',
      'updating',
      'updating',
      'stalled',
    ]);
  });

  it.each`
    reason                          | message                                           | code                      | seconds
    ${'InvalidImageName'}           | ${'invalid reference format'}                     | ${'invalid-image'}        | ${[0]}
    ${'ErrImageNeverPull'}          | ${'not present with pull policy of Never'}        | ${'would-not-pull'}       | ${[0]}
    ${'ImagePullBackOff'}           | ${'no match for platform in manifest: not found'} | ${'no-matching-platform'} | ${[0, 30]}
    ${'CreateContainerConfigError'} | ${'configmap "x" not found'}                      | ${'container-config'}     | ${[0, 30]}
    ${'CreateContainerError'}       | ${'context deadline exceeded'}                    | ${'container-config'}     | ${[0, 30]}
  `('$reason becomes $code', ({ reason, message, code, seconds }) => {
    expect(codes(failing(waiting(reason, message)), ...seconds).at(-1)).toBe(code);
  });

  it.each`
    restarts | last                                               | events                                                                                                                               | code
    ${1}     | ${{ exitCode: 1 }}                                 | ${[]}                                                                                                                                | ${'updating'}
    ${2}     | ${{ exitCode: 1, reason: 'Error' }}                | ${[]}                                                                                                                                | ${'container-crashed'}
    ${2}     | ${{ exitCode: 137, reason: 'OOMKilled' }}          | ${[]}                                                                                                                                | ${'out-of-memory'}
    ${2}     | ${{ exitCode: 128, message: 'exec format error' }} | ${[]}                                                                                                                                | ${'no-matching-platform'}
    ${2}     | ${{ exitCode: 0, reason: 'Completed' }}            | ${[{ reason: 'Unhealthy', message: 'Liveness probe failed: timeout' }]}                                                              | ${'probe-failing'}
    ${2}     | ${{ exitCode: 1, reason: 'Error' }}                | ${[{ reason: 'Unhealthy', message: 'Startup probe errored and resulted in unknown state: container is in CONTAINER_EXITED state' }]} | ${'container-crashed'}
    ${2}     | ${{ exitCode: 1, reason: 'Error' }}                | ${[{ reason: 'Unhealthy', message: 'Startup probe failed: nobody there' }]}                                                          | ${'container-crashed'}
    ${2}     | ${{ exitCode: 0, reason: 'Completed' }}            | ${[]}                                                                                                                                | ${'container-crashed'}
  `('$restarts restarts after $last → $code', ({ restarts, last, events, code }) => {
    const scene = failing(
      { restartCount: restarts, state: { is: 'waiting', reason: 'CrashLoopBackOff' }, lastState: { is: 'terminated', ...last } },
      { view: { events: events.map((event: object) => anEvent({ objectUid: 'uid-a', objectName: 'a', type: 'Warning', ...event })) } },
    );
    expect(codes(scene, 0)).toEqual([code]);
  });

  it('names the container that crashed, its exit code and where its last words are', () => {
    const scene = failing({ restartCount: 2, state: { is: 'terminated', exitCode: 3, reason: 'Error' } });
    expect(over(scene, [0])).toMatchObject([
      {
        because: {
          code: 'container-crashed',
          subject: 'a/app',
          evidence: 'exit code 3 (Error), restarted 2 times',
          look: 'kubectl -n shop logs a -c app --previous',
          at: NOW,
        },
      },
    ]);
  });

  it('forgives a container that was restarted and is ready now', () => {
    const pods = [newPod('a', { containers: [aPodContainer({ restartCount: 5 })] }), newPod('b')];
    expect(look({ pods }).observation.phase).toBe('complete');
  });

  it('is not alarmed by an init container that ended well', () => {
    const init = aPodContainer({ name: 'prepare', role: 'init', ready: true, state: { is: 'terminated', exitCode: 0 } });
    const pods = [
      startingPod('a', {}, { containers: [init, aPodContainer({ ready: false, state: { is: 'waiting', reason: 'PodInitializing' } })] }),
    ];
    expect(codes({ pods, status: { updated: 1 } }, 0, 100)).toEqual(['updating', 'updating']);
  });

  it.each`
    what               | pod                                                                                                                            | events                                                                                 | code
    ${'unschedulable'} | ${{ node: undefined, conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes' }] }} | ${[]}                                                                                  | ${'unschedulable'}
    ${'a lost mount'}  | ${{}}                                                                                                                          | ${[{ reason: 'FailedMount', message: 'secret "nothing" not found', type: 'Warning' }]} | ${'mount-failed'}
  `('$what has a minute', ({ pod, events, code }) => {
    const { node: _node, ...unplaced } = startingPod('a');
    const scene: Scene = {
      pods: [{ ...('node' in pod ? unplaced : startingPod('a')), conditions: (pod.conditions ?? []) as Condition[] }, oldPod('b')],
      status: { updated: 1, replicas: 3 },
      view: { events: events.map((event: object) => anEvent({ objectUid: 'uid-a', ...event })) },
    };
    expect(codes(scene, 0, 59, 60)).toEqual(['updating', 'updating', code]);
  });

  it('names the newest of several reasons why a pod does not start', () => {
    const said = (reason: string, message: string, at: number) => anEvent({ objectUid: 'uid-a', reason, message, at, type: 'Warning' });
    const events = [said('FailedMount', 'secret "x" not found', NOW), said('FailedCreatePodSandBox', 'no network', NOW + 1000)];
    expect(codes(failing({}, { view: { events } }), 0, 60)).toEqual(['updating', 'rollout-stalled']);
    expect(codes(failing({}, { view: { events: events.slice(0, 1) } }), 0, 60)).toEqual(['updating', 'mount-failed']);
  });

  it('gives a cluster that is being scaled up the time it needs', () => {
    const { node: _node, ...unplaced } = startingPod('a');
    const conditions: Condition[] = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }];
    const scene: Scene = {
      pods: [{ ...unplaced, conditions }],
      status: { updated: 1 },
      view: { events: [anEvent({ objectUid: 'uid-a', reason: 'TriggeredScaleUp', message: 'pod triggered scale-up' })] },
    };
    expect(codes(scene, 0, 120)).toEqual(['updating', 'updating']);
  });

  const QUOTA = 'pods "web-x" is forbidden: exceeded quota: no-pods, requested: pods=1, used: pods=1, limited: pods=1';
  it('fails by quota after half a minute without progress', () => {
    const conditions: Condition[] = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: QUOTA }];
    const scene: Scene = { pods: [oldPod('b'), oldPod('c')], status: { updated: 0, conditions } };
    expect(codes(scene, 0, 29, 30)).toEqual(['updating', 'updating', 'quota-exceeded']);
  });

  it.each(['StatefulSet', 'DaemonSet'] as const)('%s fails by quota as its events say, unless a later one says that it worked', (kind) => {
    const failed = anEvent({
      objectKind: kind,
      objectUid: 'uid-my-app',
      reason: 'FailedCreate',
      message: QUOTA,
      type: 'Warning',
      at: NOW + 5000,
    });
    const worked = anEvent({
      objectKind: kind,
      objectUid: 'uid-my-app',
      reason: 'SuccessfulCreate',
      message: 'create Pod my-app-0',
      at: NOW + 9000,
    });
    const scene = (events: (typeof failed)[]): Scene => ({
      kind,
      pods: [oldPod('b', { ordinal: 0 })],
      status: { updated: 0 },
      view: { events },
    });
    expect(codes(scene([failed]), 10, 41)).toEqual(['updating', 'quota-exceeded']);
    expect(codes(scene([failed, worked]), 10, 41)).toEqual(['updating', 'updating']);
    expect(codes(scene([{ ...failed, at: NOW - 60_000 }]), 10, 41)).toEqual(['updating', 'updating']);
  });

  it('fails at the second refusal by an admission webhook', () => {
    const message = 'admission webhook "policy.example" denied the request: no mutable tags';
    const conditions: Condition[] = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
    const events = [anEvent({ objectKind: 'ReplicaSet', objectUid: 'uid-rev2', reason: 'FailedCreate', message, count: 2 })];
    expect(codes({ pods: [oldPod('b')], status: { updated: 0, conditions }, view: { events } }, 0)).toEqual(['admission-refused']);
  });

  const DEADLINE: Condition = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet "my-app-rev2" has timed out progressing.',
  };
  it('names the probe when the progress deadline is over', () => {
    const events = [
      anEvent({
        objectUid: 'uid-a',
        objectName: 'a',
        type: 'Warning',
        reason: 'Unhealthy',
        message: 'Readiness probe failed: HTTP 503',
        count: 25,
      }),
    ];
    const scene = failing({ state: { is: 'running', startedAt: NOW } }, { view: { events } });
    expect(codes(scene, 0, 300)).toEqual(['updating', 'updating']);
    expect(look(scene).pods[0]).toMatchObject({ phase: 'starting', detail: 'Readiness probe failed' });
    const late = { ...scene, status: { ...scene.status, conditions: [DEADLINE] } };
    expect(over(late, [0])).toMatchObject([
      { phase: 'stalled', because: { code: 'probe-failing', subject: 'a/app', evidence: expect.stringContaining('HTTP 503 (25 times)') } },
    ]);
  });

  it('says rollout-stalled where nothing explains it', () => {
    const scene = failing({ state: { is: 'running', startedAt: NOW } }, { status: { updated: 1, replicas: 3, conditions: [DEADLINE] } });
    expect(over(scene, [0])).toMatchObject([{ phase: 'stalled', because: { code: 'rollout-stalled', evidence: DEADLINE.message } }]);
  });

  it('does not take the deadline of an earlier rollout for its own', () => {
    const conditions = [{ ...DEADLINE, message: 'ReplicaSet "my-app-rev1" has timed out progressing.' }];
    expect(codes(failing({}, { status: { updated: 1, replicas: 3, conditions } }), 0)).toEqual(['updating']);
    expect(codes({ workload: { observedGeneration: 1 }, status: { conditions: [DEADLINE] } }, 0)).toEqual(['unobserved']);
  });

  it('gives kinds without a deadline of their own ten minutes and one without any movement', () => {
    const scene: Scene = {
      kind: 'StatefulSet',
      pods: [startingPod('a', { state: { is: 'running', startedAt: NOW } }, { ordinal: 1 })],
      status: { updated: 1 },
    };
    expect(codes(scene, 0, 600, 661)).toEqual(['updating', 'updating', 'rollout-stalled']);
  });

  it('fails when somebody pauses it, after a minute', () => {
    expect(codes({ workload: { paused: true }, status: { updated: 1 } }, 0, 60)).toEqual(['updating', 'workload-paused']);
  });

  it('keeps the notes of other workloads', () => {
    const foreign = { 'deployment/shop/other uid/app/pull-failed': { since: 1, seen: 1, last: 1, text: 'x' } };
    expect(observe(input({ input: { symptoms: foreign } })).symptoms).toMatchObject(foreign);
  });
});

describe('pods recorded on a real cluster', () => {
  it.each`
    pod                | code
    ${'missing-tag'}   | ${'image-not-found'}
    ${'missing-repo'}  | ${'image-not-found'}
    ${'wrong-arch'}    | ${'no-matching-platform'}
    ${'bad-name'}      | ${'invalid-image'}
    ${'never'}         | ${'would-not-pull'}
    ${'crash'}         | ${'container-crashed'}
    ${'bad-command'}   | ${'container-config'}
    ${'unlive'}        | ${'probe-failing'}
    ${'refused'}       | ${'updating'}
    ${'no-host'}       | ${'updating'}
    ${'config-error'}  | ${'updating'}
    ${'no-mount'}      | ${'updating'}
    ${'unschedulable'} | ${'updating'}
    ${'unready'}       | ${'updating'}
  `('$pod is judged $code at first sight', ({ pod, code }) => {
    const events = recordedEvents(pod);
    const evidence = events.flatMap((event) => readPullEvent(event) ?? []);
    expect(
      codes(
        { pods: [{ ...recordedPod(pod), revision: 'rev2' }], status: { updated: 1, replicas: 3 }, view: { events }, input: { evidence } },
        0,
      ),
    ).toEqual([code]);
  });

  it.each`
    pod                | second | code
    ${'refused'}       | ${300} | ${'pull-failed'}
    ${'no-host'}       | ${300} | ${'pull-failed'}
    ${'config-error'}  | ${15}  | ${'container-config'}
    ${'no-mount'}      | ${60}  | ${'mount-failed'}
    ${'unschedulable'} | ${60}  | ${'unschedulable'}
  `('$pod is judged $code after $second s', ({ pod, second, code }) => {
    const events = recordedEvents(pod);
    const scene = { pods: [{ ...recordedPod(pod), revision: 'rev2' }], status: { updated: 1, replicas: 3 }, view: { events } };
    expect(codes(scene, 0, second - 1, second)).toEqual(['updating', 'updating', code]);
  });
});
