import { describe, expect, it } from 'vitest';
import { observe } from '../../../src/domain/observe.ts';
import { readPullEvent } from '../../../src/domain/pull-event.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import { NOW } from '../../support/builders.ts';
import { aContainerPlan, anEvent, anEvidence, noAnswer } from '../../support/plan-builders.ts';
import { recordedEvents, recordedPod } from '../../support/fixtures.ts';
import { SECOND, type Scene, input, over, codes, failing, waiting, attempts, MISSING, THROTTLED } from './a-scene.ts';

describe('a rollout whose image does not come', () => {
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
