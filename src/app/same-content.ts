import type { RegistryAnswer } from '../domain/registry-answer.ts';
import { unexplained, withSameContent } from '../domain/same-content.ts';
import { parseImage } from '../domain/image.ts';
import { sameRepository } from '../domain/image-text.ts';
import { containerIn, livePods } from '../domain/identity.ts';
import type { NodeFacts, Snapshot, WorkloadView } from '../domain/workload.ts';
import type { RegistryCredential } from './ports-registry.ts';
import type { WorkerDeps } from './worker-deps.ts';

/**
 * The answer about an image, and which of the digests that pods show are the same code under another name. What no registry can tell about (the
 * old digest was thrown away, the registry is busy now) stays what it was: another digest.
 */
export async function explained(
  deps: Pick<WorkerDeps, 'registry'>,
  image: string,
  answer: RegistryAnswer,
  imageIds: readonly string[],
  credentials: RegistryCredential[],
  platforms: string[] | undefined,
): Promise<RegistryAnswer> {
  if (!answer.known) return answer;
  let whole = answer;
  const away = new Set<string>();
  for (const { references } of unexplained(image, answer, imageIds)) {
    for (const reference of references) {
      const host = parseImage(reference)?.registry ?? '';
      if (away.has(host)) continue;
      const other = await deps.registry.resolve(reference, credentials, platformsOption(platforms));
      if (other.known) {
        whole = withSameContent(whole, other);
        break;
      }
      // A plan does not wait for one timeout after the other.
      if (other.because !== 'not-found' && other.because !== 'unauthorized') away.add(host);
    }
  }
  return whole;
}

/** What the pods of all workloads show for containers of this image's repository. */
export const imageIdsOf = (image: string, snapshot: Snapshot): string[] =>
  snapshot.workloads.flatMap((view) =>
    view.workload.containers.filter((spec) => sameRepository(spec.image, image)).flatMap((spec) => imageIdsIn(view, spec.name)),
  );

export const imageIdsIn = (view: WorkloadView, container: string): string[] =>
  livePods(view.pods).flatMap((pod) => containerIn(pod, container)?.imageId ?? []);

/** Of the nodes that run the pods; undefined (all) where repull may not see nodes. */
export const platformsOf = (nodes: readonly NodeFacts[]): string[] | undefined =>
  nodes.length === 0 ? undefined : [...new Set(nodes.map(({ os, architecture }) => `${os}/${architecture}`))].toSorted();

export const platformsOption = (platforms: string[] | undefined): { platforms?: string[] } =>
  platforms === undefined ? {} : { platforms };
