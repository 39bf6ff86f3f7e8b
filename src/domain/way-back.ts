import { containerIn, livePods } from './identity.ts';
import { digestOf, withDigest, withoutDigest } from './image-text.ts';
import { formatImage, parseImage, runningDigest } from './image.ts';
import type { ContainerPlan } from './plan.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { Pod } from './workload.ts';

/**
 * Where the digests that pods show are not digests of their image's own repository: the repository that the runtime names instead, or `config` for the
 * bare digest of a config, under which no registry gives anything. To be kept with the digests, as the way back.
 */
export function shownAs(pods: readonly Pod[], container: string, image: string): Record<string, string> {
  const own = repositoryOf(image);
  return Object.fromEntries(
    livePods(pods).flatMap((pod): [string, string][] => {
      const imageId = containerIn(pod, container)?.imageId ?? '';
      const seen = runningDigest(imageId);
      if (seen === undefined) return [];
      if (seen.of === 'config') return [[seen.digest, 'config']];
      const shown = repositoryOf(imageId.replace(/^[a-z-]+:\/\//, ''));
      return shown === undefined || shown === own ? [] : [[seen.digest, shown]];
    }),
  );
}

function repositoryOf(text: string): string | undefined {
  const parsed = parseImage(text);
  return parsed === undefined ? undefined : formatImage({ registry: parsed.registry, repository: parsed.repository });
}

/**
 * What a container ran before a request, best first: its own reference where that named a digest, else its tag with the digest most of its pods
 * showed, and where the runtime named another repository, that digest there. Where no pod showed one (a CronJob between two runs), another tag
 * than the request left is all that can be gone back to.
 */
export function restorable(before: ContainerPlan): string[] {
  if (digestOf(before.image) !== undefined) return [before.image];
  const old = before.running.find((digest) => before.shownAs?.[digest] !== 'config');
  if (old !== undefined) {
    const elsewhere = before.shownAs?.[old];
    return [withDigest(before.image, old), ...(elsewhere === undefined ? [] : [`${elsewhere}@${old}`])];
  }
  return before.imageAfter !== before.image && withoutDigest(before.imageAfter) !== before.image ? [before.image] : [];
}

/** The first of them that a registry has; where none says so, the first. */
export function restoredImage(before: ContainerPlan, answers: ReadonlyMap<string, RegistryAnswer>): string | undefined {
  const all = restorable(before);
  return all.find((image) => answers.get(image)?.known === true) ?? all[0];
}
