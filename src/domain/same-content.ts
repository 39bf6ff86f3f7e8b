import { parseImage, formatImage, runningDigest } from './image.ts';
import { byFrequency } from './identity.ts';
import type { Identity, RegistryAnswer } from './registry-answer.ts';

type Known = Extract<RegistryAnswer, { known: true }>;

/** A digest that pods show and an answer does not name, and the references by which a registry can be asked what it consists of. */
export interface Unexplained {
  digest: string;
  references: string[];
}

/** Pods show few different digests; what lies beyond is left a stranger, and costs one pull too many. */
const AT_MOST = 5;

/**
 * What must be looked into before it is called another image. containerd shows `repoDigests[0]` of whatever holds the same config: after a tag was
 * pushed again around unchanged code that may be its old index, and after a pull from elsewhere another repository (research/kubernetes.md §3).
 */
export function unexplained(image: string, answer: Known, imageIds: readonly string[]): Unexplained[] {
  const named = new Set([answer.digest, ...answer.identities.map((identity) => identity.digest)]);
  const strangers = imageIds.flatMap((imageId) => {
    const seen = runningDigest(imageId);
    return seen?.of === 'manifest' && !named.has(seen.digest) ? [{ digest: seen.digest, imageId }] : [];
  });
  return byFrequency(strangers.map(({ digest }) => digest))
    .slice(0, AT_MOST)
    .map((digest) => {
      const shown = strangers.filter((each) => each.digest === digest).map(({ imageId }) => imageId.replace(/^[a-z-]+:\/\//, ''));
      return { digest, references: [...new Set([image, ...shown].flatMap((text) => byDigest(text, digest)))] };
    });
}

function byDigest(text: string, digest: string): string[] {
  const parsed = parseImage(text);
  return parsed === undefined ? [] : [formatImage({ registry: parsed.registry, repository: parsed.repository, digest })];
}

/** The answer, with another image's digest added for every platform on which both are the same config. */
export function withSameContent(answer: Known, other: RegistryAnswer): Known {
  if (!other.known) return answer;
  const theirs = configsOf(other);
  const of = other.identities.find(({ digest }) => digest === other.digest)?.of ?? 'manifest';
  const added = configsOf(answer).flatMap((mine): Identity[] => {
    const same = theirs.find(({ digest }) => digest === mine.digest);
    if (same === undefined) return [];
    const platform = mine.platform ?? same.platform;
    return [{ digest: other.digest, of, ...(platform === undefined ? {} : { platform }), sameConfig: true }];
  });
  return added.length === 0 ? answer : { ...answer, identities: [...answer.identities, ...added] };
}

const configsOf = (answer: Known): Identity[] => answer.identities.filter(({ of }) => of === 'config');
