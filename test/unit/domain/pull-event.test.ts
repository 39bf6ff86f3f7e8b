import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFailureEvent } from '../../../src/domain/failure-event.ts';
import { durationMs, readPullEvent } from '../../../src/domain/pull-event.ts';
import { anEvent } from '../../support/plan-builders.ts';
import { recordedEvents } from '../../support/fixtures.ts';

const read = (reason: string, message: string) => readPullEvent(anEvent({ reason, message }))?.what;

describe('what a kubelet says about a pull, through the years', () => {
  it.each`
    reason                 | message                                                                                                    | what
    ${'Pulling'}           | ${'Pulling image "shop/api:v1"'}                                                                           | ${{ is: 'pulling' }}
    ${'Pulled'}            | ${'Successfully pulled image "shop/api:v1" in 2.1s (3.4s including waiting). Image size: 64000000 bytes.'} | ${{ is: 'pulled', tookMs: 2100, waitedMs: 1300, bytes: 64_000_000 }}
    ${'Pulled'}            | ${'Successfully pulled image "shop/api:v1" in 308ms (308ms including waiting)'}                            | ${{ is: 'pulled', tookMs: 308, waitedMs: 0 }}
    ${'Pulled'}            | ${'Successfully pulled image "shop/api:v1" in 1.207735126s'}                                               | ${{ is: 'pulled', tookMs: 1208 }}
    ${'Pulled'}            | ${'Successfully pulled image "shop/api:v1" in 1m2.5s (1h0m0s including waiting). Image size: 0 bytes.'}    | ${{ is: 'pulled', tookMs: 62_500, waitedMs: 3_537_500 }}
    ${'Pulled'}            | ${'Successfully pulled image "shop/api:v1" in 33µs (33µs including waiting). Image size: 7 bytes.'}        | ${{ is: 'pulled', tookMs: 0, waitedMs: 0, bytes: 7 }}
    ${'Pulled'}            | ${'Container image "shop/api:v1" already present on machine'}                                              | ${{ is: 'already-present' }}
    ${'Pulled'}            | ${'Container image "shop/api:v1" already present on machine and can be accessed by the pod'}               | ${{ is: 'already-present' }}
    ${'Failed'}            | ${'Failed to pull image "shop/api:v1": rpc error: code = NotFound desc = not found'}                       | ${{ is: 'failed', reason: 'ErrImagePull', message: 'rpc error: code = NotFound desc = not found' }}
    ${'Failed'}            | ${'Error: ErrImagePull'}                                                                                   | ${{ is: 'failed', reason: 'ErrImagePull', message: '' }}
    ${'Failed'}            | ${'Error: ImagePullBackOff'}                                                                               | ${{ is: 'back-off', message: 'Error: ImagePullBackOff' }}
    ${'Failed'}            | ${'Error: ErrImageNeverPull'}                                                                              | ${{ is: 'failed', reason: 'ErrImageNeverPull', message: '' }}
    ${'BackOff'}           | ${'Back-off pulling image "shop/api:v1"'}                                                                  | ${{ is: 'back-off', message: 'Back-off pulling image "shop/api:v1"' }}
    ${'ErrImageNeverPull'} | ${'Container image "shop/api:v1" is not present with pull policy of Never'}                                | ${{ is: 'failed', reason: 'ErrImageNeverPull', message: 'Container image "shop/api:v1" is not present with pull policy of Never' }}
    ${'InspectFailed'}     | ${'Failed to apply default image tag "shop/Api": couldn\'t parse image name'}                              | ${{ is: 'failed', reason: 'InvalidImageName', message: "couldn't parse image name" }}
    ${'InspectFailed'}     | ${'Failed to inspect image "": rpc error'}                                                                 | ${{ is: 'failed', reason: 'ImageInspectError', message: 'rpc error' }}
  `('$reason: $message', ({ reason, message, what }) => {
    expect(read(reason, message)).toEqual(what);
  });

  it.each`
    reason       | message                                                            | because
    ${'Failed'}  | ${'Error: failed to start container "app"'}                        | ${'a start'}
    ${'Failed'}  | ${'Error: configmap "nothing" not found'}                          | ${'a start'}
    ${'Failed'}  | ${'Error: RunContainerError'}                                      | ${'a start'}
    ${'BackOff'} | ${'Back-off restarting failed container app in pod api-1_shop(u)'} | ${'a crash loop'}
    ${'Started'} | ${'Started container app'}                                         | ${'no pull'}
    ${'Pulled'}  | ${'Something new that a kubelet says'}                             | ${'not understood'}
  `('$reason: $message is $because', ({ reason, message }) => {
    expect(read(reason, message)).toBeUndefined();
  });

  it('keeps the image as the pod spec names it', () => {
    const event = anEvent({ reason: 'Pulling', message: 'Pulling image "localhost:15000/shop/api:v1"' });
    expect(readPullEvent(event)).toMatchObject({ image: 'localhost:15000/shop/api:v1', container: 'app', podUid: event.objectUid });
  });

  it('does not trust the container of an aggregated event, and reads its text', () => {
    const message =
      '(combined from similar events): Successfully pulled image "shop/api:v1" in 16ms (16ms including waiting). Image size: 9 bytes.';
    const evidence = readPullEvent(anEvent({ reason: 'Pulled', message, count: 4 }));
    expect(evidence).toMatchObject({ container: '', count: 4, image: 'shop/api:v1', what: { is: 'pulled', tookMs: 16 } });
  });

  it('hears only what is said about pods', () => {
    expect(readPullEvent(anEvent({ objectKind: 'Node' }))).toBeUndefined();
  });

  it('never throws, whatever an event says', () => {
    const words = fc.constantFrom('Pulling', 'Pulled', 'Failed', 'BackOff', 'InspectFailed', 'ErrImageNeverPull', 'Other');
    const text = fc.oneof(
      fc.string(),
      fc.string().map((inner) => `Successfully pulled image "${inner}" in ${inner}s`),
      fc.string().map((inner) => `Failed to pull image "${inner}": ${inner}`),
      fc.string().map((inner) => `Pulling image "${inner}`),
    );
    const calm = fc.property(words, text, (reason, message) => {
      const event = anEvent({ reason, message });
      readFailureEvent(event);
      return (readPullEvent(event)?.message ?? message) === message;
    });
    expect(() => fc.assert(calm)).not.toThrow();
  });

  it.each(['', 's', '1', '1x', '1s2', '-1s', '1.s'])('%j is no duration', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });
});

describe('events recorded on a kubelet 1.36 with containerd 1.6', () => {
  const whats = (name: string) => recordedEvents(name).flatMap((event) => readPullEvent(event)?.what.is ?? []);

  it.each`
    pod                | says
    ${'pulled-always'} | ${['pulled', 'pulling']}
    ${'present'}       | ${['already-present']}
    ${'missing-tag'}   | ${['back-off', 'failed', 'pulling']}
    ${'missing-repo'}  | ${['back-off', 'failed', 'pulling']}
    ${'refused'}       | ${['back-off', 'failed', 'pulling']}
    ${'never'}         | ${['failed']}
    ${'bad-name'}      | ${['failed']}
    ${'config-error'}  | ${['already-present']}
    ${'bad-command'}   | ${['already-present']}
    ${'no-mount'}      | ${[]}
    ${'unschedulable'} | ${[]}
  `('$pod says $says', ({ pod, says }) => {
    expect(recordedEvents(pod).length).toBeGreaterThan(0);
    expect([...new Set(whats(pod))].toSorted()).toEqual(says);
  });

  it('counts a crash loop as pulls and as nothing else about images', () => {
    expect([...new Set(whats('crash'))].toSorted()).toEqual(['pulled', 'pulling']);
    expect(recordedEvents('crash').some(({ reason }) => reason === 'BackOff')).toBe(true);
  });

  it('tells an init container and a sidecar by their names', () => {
    const pulled = recordedEvents('with-init')
      .flatMap((event) => readPullEvent(event) ?? [])
      .filter(({ what }) => what.is === 'pulled');
    expect(pulled.map(({ container }) => container).toSorted()).toEqual(['app', 'prepare', 'proxy']);
    expect(pulled.every(({ what }) => what.is === 'pulled' && (what.tookMs ?? 0) > 0 && (what.bytes ?? 0) > 0)).toBe(true);
  });

  it('shows that a kubelet stops talking about a pod with many containers', () => {
    const pulled = recordedEvents('many')
      .flatMap((event) => readPullEvent(event) ?? [])
      .filter(({ what }) => what.is === 'pulled');
    expect(pulled.length).toBeGreaterThan(0);
    expect(pulled.length).toBeLessThan(12);
  });

  it.each`
    object              | code
    ${'no-mount'}       | ${'mount-failed'}
    ${'unschedulable'}  | ${'unschedulable'}
    ${'unready'}        | ${'probe-failing'}
    ${'unlive'}         | ${'probe-failing'}
    ${'web-7796d87d66'} | ${'quota-exceeded'}
    ${'db'}             | ${'quota-exceeded'}
  `('$object fails by $code', ({ object, code }) => {
    expect([...new Set(recordedEvents(object).flatMap((event) => readFailureEvent(event)?.code ?? []))]).toEqual([code]);
  });
});
