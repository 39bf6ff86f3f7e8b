import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictWord, type Facts, type Origin } from '../../../src/domain/judge-pod.ts';
import { WORST_FIRST } from '../../../src/domain/judge.ts';
import { readPullEvent } from '../../../src/domain/pull-event.ts';
import { digest, IMAGE, imageId, NEW, NOW, OLD } from '../../support/builders.ts';
import { aContainerPlan, anAnswer, anEvent, noAnswer } from '../../support/plan-builders.ts';
import { OTHER, CONFIG, judged, pulled, present } from './a-verdict.ts';

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
