import { digestOf } from './image-text.ts';
import { runningDigest } from './image.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { NodeFacts, Pod, PodContainer } from './workload.ts';

/** Whether a digest that a pod shows belongs to an image. Repository names are ignored: a runtime may show any of those it knows. */
export type Match = 'same' | 'other' | 'cannot-tell';

/**
 * Everything that counts as the image a container should run, by digest. Compared as a set: containerd shows the index digest, CRI-O may show
 * the child manifest, and an image without a repo digest shows its config (research/kubernetes.md §3).
 */
export function matches(
  seen: { digest: string; of: 'manifest' | 'config' } | undefined,
  image: string,
  answer: RegistryAnswer,
  node?: NodeFacts,
): Match {
  if (seen === undefined) return 'cannot-tell';
  const wanted = digestOf(image);
  if (seen.digest === wanted) return 'same';
  const about = answer.known && (wanted === undefined || covers(answer, wanted)) ? answer : undefined;
  if (about === undefined) return wanted === undefined || seen.of === 'config' ? 'cannot-tell' : 'other';
  if (seen.digest === about.digest) return 'same';
  const found = about.identities.filter((identity) => identity.digest === seen.digest);
  if (found.some((identity) => runsOn(identity.platform, node))) return 'same';
  // A bare config digest that the registry does not name proves nothing: it may be the config of an image that was loaded from a file.
  return found.length === 0 && seen.of === 'config' ? 'cannot-tell' : 'other';
}

const covers = (answer: Extract<RegistryAnswer, { known: true }>, digest: string): boolean =>
  answer.digest === digest || answer.identities.some((identity) => identity.digest === digest && identity.sameConfig !== true);

/** `linux/arm64/v8` runs on a node that says `linux/arm64`; nothing known about either side restricts nothing. */
export function runsOn(platform: string | undefined, node: NodeFacts | undefined): boolean {
  if (platform === undefined || node === undefined) return true;
  const own = `${node.os}/${node.architecture}`;
  return platform === own || platform.startsWith(`${own}/`);
}

export const nodeOf = (pod: Pod, nodes: readonly NodeFacts[]): NodeFacts | undefined => nodes.find((node) => node.name === pod.node);

/** Pods that count: not on their way out, not finished. */
export const livePods = (pods: readonly Pod[]): Pod[] =>
  pods.filter((pod) => !pod.deleting && pod.phase !== 'Succeeded' && pod.phase !== 'Failed');

export const containerIn = (pod: Pod, name: string): PodContainer | undefined =>
  pod.containers.find((container) => container.name === name);

export const digestIn = (pod: Pod, container: string): ReturnType<typeof runningDigest> =>
  runningDigest(containerIn(pod, container)?.imageId ?? '');

/** Digests that the pods of a container show, most frequent first, equal counts in alphabetical order so that a second look gives the same list. */
export function runningDigests(pods: readonly Pod[], container: string): string[] {
  return byFrequency(pods.flatMap((pod) => digestIn(pod, container)?.digest ?? []));
}

export function byFrequency(digests: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  return [...counts.entries()].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([digest]) => digest);
}
