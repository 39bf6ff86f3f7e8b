import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictWord, type Facts, type Origin } from '../../../src/domain/judge-pod.ts';
import { concludes, judge, overall, WORST_FIRST, type JudgeInput } from '../../../src/domain/judge.ts';
import { readPullEvent } from '../../../src/domain/pull-event.ts';
import type { ContainerVerdict, PullEvidence, VerdictWord } from '../../../src/domain/verdict.ts';
import type { PodContainer } from '../../../src/domain/workload.ts';
import {
  aContainerPlan,
  aDeployment,
  anAnswer,
  anEvent,
  anEvidence,
  aNode,
  aPlan,
  aPod,
  aPodContainer,
  aRevision,
  aWorkloadPlan,
  digest,
  IMAGE,
  imageId,
  NEW,
  noAnswer,
  NOW,
  OLD,
  REQUEST,
} from '../../support/builders.ts';
import { recordedEvents, recordedPod } from '../../support/fixtures.ts';

const OTHER = digest('other');
const CONFIG = digest('config');

interface Case {
  container?: Partial<PodContainer>;
  evidence?: PullEvidence[];
  input?: Partial<JudgeInput>;
}

/** One pod of the new revision. */
function judged({ container = {}, evidence = [], input = {} }: Case = {}): ContainerVerdict {
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

const pulled = anEvidence();
const present = anEvidence({ what: { is: 'already-present' }, message: `Container image "${IMAGE}" already present on machine` });

describe('the verdict on one pod', () => {
  it.each`
    said         | runs     | policy            | registry       | word
    ${'pulled'}  | ${NEW}   | ${'Always'}       | ${'answers'}   | ${'pulled new'}
    ${'pulled'}  | ${OLD}   | ${'Always'}       | ${'holds old'} | ${'pulled, unchanged'}
    ${'pulled'}  | ${OTHER} | ${'Always'}       | ${'answers'}   | ${'wrong image'}
    ${'pulled'}  | ${OLD}   | ${'Always'}       | ${'answers'}   | ${'wrong image'}
    ${'pulled'}  | ${NEW}   | ${'Always'}       | ${'silent'}    | ${'pulled new'}
    ${'pulled'}  | ${OLD}   | ${'Always'}       | ${'silent'}    | ${'pulled, unchanged'}
    ${'present'} | ${NEW}   | ${'IfNotPresent'} | ${'answers'}   | ${'cache, but correct'}
    ${'present'} | ${OLD}   | ${'IfNotPresent'} | ${'holds old'} | ${'cache, but correct'}
    ${'present'} | ${OLD}   | ${'IfNotPresent'} | ${'answers'}   | ${'from node cache'}
    ${'present'} | ${OTHER} | ${'IfNotPresent'} | ${'answers'}   | ${'wrong image'}
    ${'present'} | ${NEW}   | ${'IfNotPresent'} | ${'silent'}    | ${'from node cache'}
    ${'nothing'} | ${NEW}   | ${'Always'}       | ${'answers'}   | ${'inferred'}
    ${'nothing'} | ${NEW}   | ${'Always'}       | ${'silent'}    | ${'inferred'}
    ${'nothing'} | ${OLD}   | ${'Always'}       | ${'answers'}   | ${'wrong image'}
    ${'nothing'} | ${NEW}   | ${'IfNotPresent'} | ${'answers'}   | ${'unverifiable'}
    ${'nothing'} | ${OTHER} | ${'IfNotPresent'} | ${'answers'}   | ${'wrong image'}
    ${'nothing'} | ${NEW}   | ${'IfNotPresent'} | ${'silent'}    | ${'unverifiable'}
  `('kubelet said $said, it runs $runs with $policy, registry $registry → $word', ({ said, runs, policy, registry, word }) => {
    const evidence = said === 'pulled' ? [pulled] : said === 'present' ? [present] : [];
    const answer = registry === 'silent' ? noAnswer() : anAnswer(registry === 'holds old' ? { digest: OLD } : {});
    expect(judged({ container: { imageId: imageId(runs), pullPolicy: policy }, evidence, input: { answer } }).word).toBe(word);
  });

  it('is unverifiable for a bare config digest that the registry does not know, and right for one that it knows', () => {
    const bare = { container: { imageId: CONFIG }, evidence: [pulled] };
    expect(judged(bare).word).toBe('unverifiable');
    const answer = anAnswer({
      identities: [
        { digest: NEW, of: 'manifest' },
        { digest: CONFIG, of: 'config' },
      ],
    });
    expect(judged({ ...bare, input: { answer } }).word).toBe('pulled new');
  });

  it('takes the child manifest of its own platform for the tag, and no other', () => {
    const answer = anAnswer({
      identities: [
        { digest: NEW, of: 'index' },
        { digest: digest('amd'), of: 'manifest', platform: 'linux/amd64' },
        { digest: digest('arm'), of: 'manifest', platform: 'linux/arm64' },
      ],
    });
    const word = (of: string) => judged({ container: { imageId: imageId(of) }, evidence: [pulled], input: { answer } }).word;
    expect([word(digest('amd')), word(digest('arm'))]).toEqual(['pulled new', 'wrong image']);
  });

  it('believes an answer about a pin only where it is about that digest', () => {
    const pinned = { container: aContainerPlan({ imageAfter: `${IMAGE}@${OTHER}` }) };
    const child = digest('child');
    const about = (identities: string[]) =>
      anAnswer({ digest: NEW, identities: identities.map((each) => ({ digest: each, of: 'manifest' })) });
    const word = (answer: ReturnType<typeof anAnswer>) =>
      judged({ container: { imageId: imageId(child) }, evidence: [pulled], input: { ...pinned, answer } }).word;
    expect([word(about([OTHER, child])), word(about([child]))]).toEqual(['pulled new', 'wrong image']);
  });

  it('needs no registry for a pin: the reference names the digest', () => {
    const pinned = { container: aContainerPlan({ imageAfter: `${IMAGE}@${NEW}`, pullPolicy: 'IfNotPresent' }), answer: noAnswer() };
    expect(judged({ evidence: [present], input: pinned }).word).toBe('cache, but correct');
    expect(judged({ container: { imageId: imageId(OTHER) }, evidence: [pulled], input: pinned }).word).toBe('wrong image');
  });

  it('is "pulled, unchanged" where the same code ran before under another digest, whichever of the two the runtime shows now', () => {
    const answer = anAnswer({
      identities: [
        { digest: NEW, of: 'index' },
        { digest: OLD, of: 'index', platform: 'linux/amd64', sameConfig: true },
      ],
    });
    const word = (of: string) => judged({ container: { imageId: imageId(of) }, evidence: [pulled], input: { answer } }).word;
    expect([word(OLD), word(NEW)]).toEqual(['pulled, unchanged', 'pulled, unchanged']);
    expect(judged({ container: { imageId: imageId(OTHER) }, evidence: [pulled], input: { answer } }).word).toBe('wrong image');
  });

  it('shows the event that proves it, with times and size', () => {
    const [pod] = judged({ evidence: [pulled] }).pods;
    expect(pod).toMatchObject({
      word: 'pulled new',
      after: NEW,
      tookMs: 2100,
      waitedMs: 0,
      bytes: 64_000_000,
      evidence: { message: pulled.message, at: NOW },
    });
  });

  it('keeps a pull proven when the container is restarted in its pod and finds its own image', () => {
    expect(
      judged({ container: { restartCount: 1, pullPolicy: 'IfNotPresent' }, evidence: [pulled, { ...present, at: NOW + 5000 }] }).word,
    ).toBe('pulled new');
  });

  it('does not take the fetching of an image volume for that of a container with the same image', () => {
    const event = anEvent({ reason: 'Pulled', message: pulled.message });
    const { container: _container, ...ofVolume } = event;
    expect([readPullEvent(event)?.container, readPullEvent(ofVolume)]).toEqual(['app', undefined]);
  });

  it('lets an aggregated event speak for the container whose image it names', () => {
    expect(judged({ evidence: [{ ...pulled, container: '' }] }).word).toBe('pulled new');
    expect(judged({ evidence: [{ ...pulled, container: '', image: 'mesh/proxy:v1' }] }).word).toBe('inferred');
    expect(judged({ evidence: [{ ...pulled, container: 'proxy' }] }).word).toBe('inferred');
  });

  const every = fc.record<Facts>({
    origin: fc.constantFrom<Origin>('pulled', 'cached', 'must-have-pulled', 'not-said'),
    match: fc.constantFrom('same', 'other', 'cannot-tell'),
    known: fc.boolean(),
    unchanged: fc.boolean(),
    shown: fc.boolean(),
  });
  it('is exactly one word for any combination', () => {
    expect(() =>
      fc.assert(fc.property(every, (facts) => WORST_FIRST.filter((word) => word === verdictWord(facts)).length === 1)),
    ).not.toThrow();
  });
  it('says "pulled" only where the kubelet said so, and never where another image runs', () => {
    const honest = fc.property(every, (facts) => {
      const word = verdictWord(facts);
      if (word.startsWith('pulled') && facts.origin !== 'pulled') return false;
      if (word === 'inferred' && facts.origin !== 'must-have-pulled') return false;
      if (word.includes('cache') && facts.origin !== 'cached') return false;
      return !(facts.match === 'other' && facts.shown) || word === 'wrong image' || word === 'from node cache';
    });
    expect(() => fc.assert(honest)).not.toThrow();
  });
});

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
