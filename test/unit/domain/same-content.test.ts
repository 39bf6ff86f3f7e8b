import { describe, expect, it } from 'vitest';
import { matches } from '../../../src/domain/identity.ts';
import { planRepull } from '../../../src/domain/plan-repull.ts';
import { METHODS } from '../../../src/domain/method.ts';
import type { Identity, RegistryAnswer } from '../../../src/domain/registry-answer.ts';
import { unexplained, withSameContent } from '../../../src/domain/same-content.ts';
import {
  aDeployment,
  anAsk,
  aNode,
  aSnapshot,
  digest,
  IMAGE,
  imageId,
  NEW,
  NOW,
  OLD,
  REPOSITORY,
  REQUEST,
} from '../../support/builders.ts';
import { anAnswer, noAnswer } from '../../support/plan-builders.ts';

type Known = Extract<RegistryAnswer, { known: true }>;
const AMD = digest('amd config');
const ARM = digest('arm config');
const index = (top: string, configs: Record<string, string>): Known =>
  anAnswer({
    digest: top,
    identities: [
      { digest: top, of: 'index' },
      ...Object.entries(configs).map(([platform, config]): Identity => ({ digest: config, of: 'config', platform })),
    ],
    platforms: Object.keys(configs),
  }) as Known;
const now = index(NEW, { 'linux/amd64': AMD, 'linux/arm64': ARM });
const shows = (of: string) => ({ digest: of, of: 'manifest' as const });
const armNode = aNode({ architecture: 'arm64' });

describe('a digest that a runtime shows and the tag does not name', () => {
  it('is asked about under the image’s own repository first, then under the one that the runtime names', () => {
    expect(unexplained(IMAGE, now, [imageId(OLD, 'registry.example/aaa-other')])).toEqual([
      { digest: OLD, references: [`${REPOSITORY}@${OLD}`, `registry.example/aaa-other@${OLD}`] },
    ]);
  });

  it('is asked about once, however many pods show it, and through the scheme that cri-dockerd puts before it', () => {
    expect(unexplained(IMAGE, now, [imageId(OLD), `docker-pullable://${imageId(OLD)}`])).toEqual([
      { digest: OLD, references: [`${REPOSITORY}@${OLD}`] },
    ]);
  });

  it('needs no question where the tag names it, where it is a bare config, and where it is no digest', () => {
    expect(unexplained(IMAGE, now, [imageId(NEW), AMD, digest('loaded from a file'), ''])).toEqual([]);
  });

  it('is one of at most five, the most frequent first', () => {
    const many = Array.from({ length: 9 }, (_, number) => imageId(digest(`old ${number}`)));
    const found = unexplained(IMAGE, now, [...many, imageId(digest('old 7'))]);
    expect(found).toHaveLength(5);
    expect(found[0]?.digest).toBe(digest('old 7'));
  });
});

describe('the same code under another index digest', () => {
  it('is the image that should run', () => {
    const answer = withSameContent(now, index(OLD, { 'linux/amd64': AMD, 'linux/arm64': ARM }));
    expect([matches(shows(OLD), IMAGE, answer, aNode()), matches(shows(OLD), IMAGE, answer, armNode)]).toEqual(['same', 'same']);
  });

  it('is so on the platforms whose config is equal, and on no other', () => {
    const answer = withSameContent(now, index(OLD, { 'linux/amd64': AMD, 'linux/arm64': digest('older arm') }));
    expect([matches(shows(OLD), IMAGE, answer, aNode()), matches(shows(OLD), IMAGE, answer, armNode)]).toEqual(['same', 'other']);
  });

  it('is found where a single manifest became an index', () => {
    const single = anAnswer({
      digest: OLD,
      identities: [
        { digest: OLD, of: 'manifest' },
        { digest: AMD, of: 'config' },
      ],
    });
    const answer = withSameContent(now, single);
    expect([matches(shows(OLD), IMAGE, answer, aNode()), matches(shows(OLD), IMAGE, answer, armNode)]).toEqual(['same', 'other']);
  });

  it('is not claimed for other code, nor for what the registry has thrown away', () => {
    expect(withSameContent(now, index(OLD, { 'linux/amd64': digest('other') }))).toBe(now);
    expect(withSameContent(now, noAnswer('not-found'))).toBe(now);
  });

  it('does not make an answer about the tag an answer about a pin to the old digest', () => {
    const answer = withSameContent(now, index(OLD, { 'linux/amd64': AMD }));
    expect(matches(shows(NEW), `${IMAGE}@${OLD}`, answer, aNode())).toBe('other');
  });
});

describe('a plan for the same code under another index digest', () => {
  const answer = withSameContent(now, index(OLD, { 'linux/amd64': AMD }));
  const plan = (given: RegistryAnswer, force = false) =>
    planRepull({
      ask: anAsk({ force }),
      request: REQUEST,
      at: NOW,
      snapshot: aSnapshot(aDeployment({ running: OLD })),
      answers: new Map([[IMAGE, given]]),
      allowed: METHODS,
    });

  it('is "nothing new", and says why two digests are one image', () => {
    expect(plan(answer)).toMatchObject({
      refused: { code: 'nothing-new', evidence: expect.stringContaining(`${OLD} is the same image under another digest`) },
    });
  });

  it('goes on where nobody could be asked what the old digest was', () => {
    expect(plan(now)).toHaveProperty('plan');
  });
});
