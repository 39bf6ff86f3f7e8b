import { describe, expect, it } from 'vitest';
import { concludes, overall } from '../../../src/domain/judge.ts';
import { readPullEvent } from '../../../src/domain/pull-event.ts';
import type { ContainerVerdict, PullEvidence, VerdictWord } from '../../../src/domain/verdict.ts';
import { aDeployment, aPod, aPodContainer, aRevision, IMAGE, imageId, NEW, NOW, OLD, REQUEST } from '../../support/builders.ts';
import { aContainerPlan, anAnswer, aPlan, aWorkloadPlan, noAnswer } from '../../support/plan-builders.ts';
import { recordedEvents, recordedPod } from '../../support/fixtures.ts';
import { OTHER, judged, pulled, present } from './a-verdict.ts';

describe('the verdict on one container', () => {
  const pod = (name: string, runs: string) =>
    aPod({
      name,
      revision: 'rev2',
      createdAt: NOW + 1000,
      containers: [aPodContainer({ imageId: imageId(runs), pullPolicy: 'IfNotPresent' })],
    });
  const view = aDeployment({
    view: {
      pods: [pod('new-1', NEW), pod('new-2', OLD), pod('new-3', NEW), aPod({ name: 'old-1' }), { ...pod('new-4', OTHER), deleting: true }],
      revisions: [aRevision({ hash: 'rev2', number: 2, stamp: REQUEST }), aRevision()],
    },
  });
  const of = (name: string, evidence: PullEvidence): PullEvidence => ({ ...evidence, podUid: `uid-${name}`, pod: name });

  it('is the worst of its new pods, with all of them beneath; old and dying ones do not count', () => {
    const verdict = judged({ input: { view, evidence: [of('new-1', pulled), of('new-2', present), of('new-3', present)] } });
    expect(verdict.word).toBe('from node cache');
    expect(verdict.pods.map((each) => [each.pod, each.word])).toEqual([
      ['new-1', 'pulled new'],
      ['new-2', 'from node cache'],
      ['new-3', 'cache, but correct'],
    ]);
    expect(verdict).toMatchObject({ before: [OLD], registry: NEW, after: [NEW, OLD], image: IMAGE });
  });

  it('is unverifiable as long as there is no pod to judge', () => {
    const before = aDeployment();
    expect(judged({ input: { view: before } })).toMatchObject({ word: 'unverifiable', pods: [], after: [] });
  });

  it('does not name a digest of a registry that did not answer', () => {
    expect(judged({ input: { answer: noAnswer() } })).not.toHaveProperty('registry');
  });

  it('after an eviction counts the pods that came since, not those that stayed', () => {
    const came = aPod({ name: 'came', createdAt: NOW, containers: [aPodContainer({ imageId: imageId(NEW) })] });
    const sameSecond = aPod({ name: 'before', createdAt: NOW });
    const evicted = aDeployment({ view: { pods: [came, sameSecond, aPod({ name: 'stayed', createdAt: NOW - 60_000 })] } });
    const verdict = judged({
      input: { view: evicted, evicts: true, startedAt: NOW + 400, evidence: [of('came', pulled)], before: [sameSecond.uid] },
    });
    expect(verdict.pods.map((each) => [each.pod, each.word])).toEqual([['came', 'pulled new']]);
  });
});

describe('pods and events recorded on a real cluster', () => {
  const verdictOf = (name: string, runs: string, container = 'app') => {
    const pod = { ...recordedPod(name), revision: 'rev2' };
    const image = pod.containers.find((each) => each.name === container)?.image ?? '';
    const view = aDeployment({ view: { pods: [pod], revisions: [aRevision({ hash: 'rev2', stamp: REQUEST })] } });
    const evidence = recordedEvents(name).flatMap((event) => readPullEvent(event) ?? []);
    const plan = aContainerPlan({ container, image, imageAfter: image });
    return judged({ input: { view, container: plan, evidence, answer: anAnswer({ digest: runs }) } }).pods[0];
  };
  const shown = (name: string, container = 'app') =>
    recordedPod(name)
      .containers.find((each) => each.name === container)
      ?.imageId?.split('@')[1] ?? '';

  it.each`
    pod                | container    | word
    ${'pulled-always'} | ${'app'}     | ${'pulled new'}
    ${'pulled-multi'}  | ${'app'}     | ${'pulled new'}
    ${'present'}       | ${'app'}     | ${'cache, but correct'}
    ${'with-init'}     | ${'prepare'} | ${'pulled new'}
    ${'with-init'}     | ${'proxy'}   | ${'pulled new'}
    ${'many'}          | ${'c1'}      | ${'pulled new'}
    ${'many'}          | ${'c12'}     | ${'inferred'}
  `('$pod/$container → $word', ({ pod, container, word }) => {
    expect(verdictOf(pod, shown(pod, container), container)?.word).toBe(word);
  });

  it('has a wrong image where the registry holds something else', () => {
    expect(verdictOf('pulled-always', OTHER)?.word).toBe('wrong image');
  });
});

describe('whether the job was done', () => {
  const verdict = (words: VerdictWord[], over: Partial<ContainerVerdict> = {}): ContainerVerdict => ({
    workload: { kind: 'Deployment', namespace: 'shop', name: 'my-app' },
    container: 'app',
    image: IMAGE,
    before: [OLD],
    registry: NEW,
    after: [NEW],
    word: 'pulled new',
    pods: words.map((word, index) => ({ podUid: `u${index}`, pod: `p${index}`, container: 'app', word, after: NEW })),
    ...over,
  });

  it.each`
    words                                   | overall       | ok       | says
    ${['pulled new', 'pulled new']}         | ${'proven'}   | ${true}  | ${undefined}
    ${['pulled, unchanged']}                | ${'proven'}   | ${true}  | ${'got the same image as before'}
    ${['pulled new', 'cache, but correct']} | ${'proven'}   | ${true}  | ${'1 of 2 pods took the right image'}
    ${['cache, but correct']}               | ${'cache'}    | ${true}  | ${'nothing was pulled'}
    ${['inferred', 'pulled new']}           | ${'unproven'} | ${true}  | ${'not proven'}
    ${['unverifiable']}                     | ${'unproven'} | ${true}  | ${'run the right digest, but no event'}
    ${['from node cache', 'pulled new']}    | ${'cache'}    | ${false} | ${'wrong-image'}
    ${['wrong image', 'from node cache']}   | ${'wrong'}    | ${false} | ${'wrong-image'}
  `('$words → $overall', ({ words, overall: expected, ok, says }) => {
    const verdicts = [verdict(words)];
    expect(overall(verdicts)).toBe(expected);
    const end = concludes(verdicts, aPlan());
    expect(end.ok).toBe(ok);
    expect((end.ok ? end.note : end.failure.code) ?? '').toContain(says ?? '');
    expect(end.ok && end.note === undefined).toBe(says === undefined);
  });

  it('fails and names both digests where a cache gave old bits', () => {
    const end = concludes(
      [
        verdict(['from node cache'], {
          after: [OLD],
          pods: [{ podUid: 'u', pod: 'p', container: 'app', word: 'from node cache', after: OLD }],
        }),
      ],
      aPlan(),
    );
    expect(end).toMatchObject({ ok: false, failure: { code: 'wrong-image', evidence: expect.stringContaining(OLD) } });
    expect(end).toMatchObject({ failure: { evidence: expect.stringContaining(NEW), remedy: expect.stringContaining('--pin') } });
  });

  it('says that it could not verify what shows no known digest', () => {
    const pods = [{ podUid: 'u', pod: 'p', container: 'app', word: 'unverifiable' as const }];
    expect(concludes([verdict([], { pods, word: 'unverifiable' })], aPlan())).toMatchObject({
      ok: true,
      note: expect.stringContaining('could not be verified'),
    });
  });

  it('does not call an unknown digest right', () => {
    const pods = [{ podUid: 'u', pod: 'p', container: 'app', word: 'unverifiable' as const, after: OTHER }];
    expect(concludes([verdict([], { pods })], aPlan())).toMatchObject({ ok: true, note: expect.stringContaining('could not be verified') });
  });

  it('quotes the event, and tells old bits from bits of another place', () => {
    const wrong = (after: string, evidence?: { message: string; at: number }) =>
      concludes(
        [
          verdict([], {
            pods: [
              { podUid: 'u', pod: 'p-1', container: 'app', word: 'wrong image', after, ...(evidence === undefined ? {} : { evidence }) },
            ],
          }),
        ],
        aPlan(),
      );
    expect(wrong(OTHER, { message: 'Successfully pulled', at: NOW })).toMatchObject({
      failure: { evidence: expect.stringContaining('p-1: Successfully pulled'), remedy: expect.stringContaining('mirror') },
    });
    expect(wrong(OLD)).toMatchObject({ failure: { remedy: expect.stringContaining('the old bits') } });
  });

  it('does not call a cache hit fine where nobody could be asked', () => {
    const { registry: _none, ...silent } = verdict(['from node cache']);
    const end = concludes([silent], aPlan({ containers: [aContainerPlan({ registry: noAnswer() })] }));
    expect(end).toMatchObject({ ok: false, failure: { code: 'registry-unknown' } });
  });

  it('says whose word it is where the registry was silent', () => {
    const { registry: _none, ...silent } = verdict(['pulled new']);
    expect(concludes([silent], aPlan())).toMatchObject({ ok: true, note: expect.stringContaining("the nodes' word") });
  });

  it('is no where no pod ran', () => {
    expect(concludes([verdict([])], aPlan())).toMatchObject({ ok: false, failure: { code: 'no-replicas' } });
    expect(concludes([], aPlan())).toMatchObject({ ok: false });
    expect(overall([])).toBe('unproven');
  });

  it('says of an image volume that nothing shows what it holds', () => {
    const imageVolumes = [{ name: 'models', reference: 'registry.example/shop/models:v1' }];
    const end = concludes([verdict(['pulled new'])], aPlan({ workloads: [aWorkloadPlan({ imageVolumes })] }));
    expect(end).toMatchObject({ ok: true, note: expect.stringMatching(/image volume models .*models:v1.*unverifiable/) });
  });

  it('does not ask about neighbours', () => {
    const neighbour = verdict(['wrong image'], { container: 'proxy' });
    const plan = aPlan({ containers: [aContainerPlan(), aContainerPlan({ container: 'proxy', concerned: false })] });
    expect(concludes([verdict(['pulled new']), neighbour], plan)).toEqual({ ok: true });
  });
});
