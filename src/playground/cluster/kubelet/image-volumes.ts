import type { Container, Pod } from '../objects.ts';
import type { Puller, Waiting } from './pull.ts';

type Volume = Pick<Container, 'name' | 'image' | 'imagePullPolicy'>;

/** Fetches them one after the other; says why the first that is missing could not be had. */
export async function fetchVolumes(pod: Pod, puller: Puller): Promise<Waiting | undefined> {
  for (const volume of imageVolumesOf(pod)) {
    const found = await puller.ensure(pod, volume);
    if ('reason' in found) return found;
  }
  return undefined;
}

/** Image volumes in the words of a container: what is to be fetched, and when. */
function imageVolumesOf(pod: Pod): Volume[] {
  const volumes = (pod.spec['volumes'] ?? []) as { name: string; image?: { reference?: string; pullPolicy?: Volume['imagePullPolicy'] } }[];
  return volumes.flatMap(({ name, image }) => {
    if (image?.reference === undefined) return [];
    const isLatest = /(?:^|\/)[^/:@]+(?::latest)?$/.test(image.reference);
    return [{ name, image: image.reference, imagePullPolicy: image.pullPolicy ?? (isLatest ? 'Always' : 'IfNotPresent') }];
  });
}
