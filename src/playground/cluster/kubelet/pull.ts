import type { EventRecorder } from '../event-recorder.ts';
import type { Store } from '../api-server/store.ts';
import type { Clock } from '../clock.ts';
import type { Container, Pod } from '../objects.ts';
import { parseReference } from '../registry/reference.ts';
import { TIMINGS } from '../timings.ts';
import type { ImageStore, StoredImage } from './image-store.ts';
import { goDuration } from './go-duration.ts';
import { credentialsFor } from './pull-secrets.ts';
import { PullError, RegistryClient } from './registry-client.ts';
import type { Credentials } from './registry-client.ts';

/** Why a container cannot start, as its `state.waiting` says. */
export interface Waiting {
  reason: string;
  message?: string;
}

interface BackOff {
  delay: number;
  since: number;
  cause: string;
}

export interface PullerParts {
  node: string;
  store: Store;
  clock: Clock;
  recorder: EventRecorder;
  images: ImageStore;
  onPulled: () => void;
}

/** The kubelet's image manager: decides by pull policy, asks the registry, says in events what it did. One pull at a time per node. */
export class Puller {
  private readonly parts: PullerParts;
  private readonly backOffs = new Map<string, BackOff>();
  /** Whose credentials an image was pulled with (KEP-2535), as `marksOf` names them; an empty text is nobody's: free for all. */
  private readonly pulledWith = new Map<string, Set<string>>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(parts: PullerParts) {
    this.parts = parts;
  }

  /** Makes sure that the image is there, or says why it is not. Without a field path it is for an image volume: its events name no container. */
  async ensure(
    pod: Pod,
    container: Pick<Container, 'name' | 'image' | 'imagePullPolicy'>,
    fieldPath?: string,
  ): Promise<StoredImage | Waiting> {
    const { images, recorder } = this.parts;
    const where = fieldPath === undefined ? {} : { fieldPath };
    const say = (type: 'Normal' | 'Warning', reason: string, message: string) => recorder.record(pod, { type, reason, message, ...where });
    const image = withDefaultTag(container.image);
    if (!parseReference(image)) {
      const message = `Failed to apply default image tag "${container.image}": couldn't parse image name "${container.image}": invalid reference format${lowercaseHint(container.image)}`;
      say('Warning', 'InspectFailed', message);
      return this.refuse(say, 'InvalidImageName', message);
    }
    const present = images.find(image);
    const policy = container.imagePullPolicy;
    const credentials = credentialsFor(pod, image, this.parts.store);
    if (present && policy !== 'Always' && this.mayUse(present.id, credentials)) {
      say('Normal', 'Pulled', `Container image "${container.image}" already present on machine and can be accessed by the pod`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${container.image}" is not present with pull policy of Never`;
      say('Warning', 'ErrImageNeverPull', message);
      return this.refuse(say, 'ErrImageNeverPull', message);
    }
    const key = `${pod.metadata.uid ?? ''}/${image}`;
    const backOff = this.backOffs.get(key);
    if (backOff && this.parts.clock.since(backOff.since) < backOff.delay) {
      say('Normal', 'BackOff', `Back-off pulling image "${container.image}"`);
      return this.refuse(say, 'ImagePullBackOff', `Back-off pulling image "${container.image}": ErrImagePull: ${backOff.cause}`);
    }
    return await this.pull(pod, container, image, key, credentials, say);
  }

  private async pull(
    pod: Pod,
    container: Pick<Container, 'image'>,
    image: string,
    key: string,
    credentials: Credentials[],
    say: (type: 'Normal' | 'Warning', reason: string, message: string) => void,
  ): Promise<StoredImage | Waiting> {
    this.warnAboutSecrets(pod);
    say('Normal', 'Pulling', `Pulling image "${container.image}"`);
    const asked = Date.now();
    let began = asked;
    const turn = this.queue.then(async () => {
      began = Date.now();
      return await this.fetchWithAny(image, credentials);
    });
    this.queue = turn.catch(() => {});
    try {
      const { stored, used } = await turn;
      const { since } = this.parts.clock;
      say(
        'Normal',
        'Pulled',
        `Successfully pulled image "${container.image}" in ${goDuration(since(began))} (${goDuration(since(asked))} including waiting). Image size: ${stored.size} bytes.`,
      );
      this.backOffs.delete(key);
      const users = this.pulledWith.get(stored.id) ?? new Set();
      for (const each of used === undefined ? [''] : marksOf(used)) users.add(each);
      this.pulledWith.set(stored.id, users);
      this.parts.onPulled();
      return stored;
    } catch (error) {
      if (!(error instanceof PullError)) throw error;
      const before = this.backOffs.get(key)?.delay ?? 0;
      const delay = before ? Math.min(before * 2, TIMINGS.backOffMax) : TIMINGS.backOff;
      this.backOffs.set(key, { delay, since: Date.now(), cause: error.message });
      say('Warning', 'Failed', `Failed to pull image "${container.image}": ${error.message}`);
      return this.refuse(say, 'ErrImagePull', error.message);
    }
  }

  /** The kubelet goes on to the next credentials whatever was wrong with the first. */
  private async fetchWithAny(image: string, credentials: Credentials[]): Promise<{ stored: StoredImage; used: Credentials | undefined }> {
    const [first, ...others] = credentials;
    try {
      return { stored: await this.fetch(image, first), used: first };
    } catch (error) {
      if (others.length === 0 || !(error instanceof PullError)) throw error;
      return await this.fetchWithAny(image, others);
    }
  }

  private async fetch(image: string, credentials: Credentials | undefined): Promise<StoredImage> {
    const { images, clock } = this.parts;
    const reference = parseReference(image);
    if (!reference) throw new PullError('invalid reference format');
    const remote = await new RegistryClient(reference, image, credentials).fetchImage('amd64');
    const bytes = images.missingBytes(remote.layers);
    await new Promise<void>((resolve) => clock.after(TIMINGS.resolve + bytes / TIMINGS.pullSpeed, resolve));
    const stored = { id: remote.configDigest, size: remote.size, labels: remote.labels };
    images.add(image, remote.digest, stored);
    images.addLayers(remote.layers);
    return stored;
  }

  private refuse(say: (type: 'Normal' | 'Warning', reason: string, message: string) => void, reason: string, message: string): Waiting {
    say('Warning', 'Failed', `Error: ${reason}`);
    return { reason, message };
  }

  private mayUse(id: string, credentials: Credentials[]): boolean {
    const users = this.pulledWith.get(id);
    if (!users || users.has('')) return true;
    return credentials.flatMap(marksOf).some((mark) => users.has(mark));
  }

  private warnAboutSecrets(pod: Pod): void {
    const missing = (pod.spec.imagePullSecrets ?? []).filter(({ name }) => !this.parts.store.get('secrets', pod.metadata.namespace, name));
    if (missing.length === 0) return;
    const names = missing.map(({ name }) => name).join(', ');
    this.parts.recorder.record(pod, {
      type: 'Warning',
      reason: 'FailedToRetrieveImagePullSecret',
      message: `Unable to retrieve some image pull secrets (${names}); attempting to pull the image may not succeed.`,
    });
  }
}

/** The same secret, or the same words from another one, may use what was pulled with them. */
const marksOf = ({ username, password, secret }: Credentials): string[] => [secret, `${username}:${password}`];

function withDefaultTag(image: string): string {
  const reference = parseReference(image);
  return reference && !image.includes('@') && !/:[\w][\w.-]*$/.test(image) ? `${image}:latest` : image;
}

function lowercaseHint(image: string): string {
  const path = image.includes('/') ? image.slice(image.indexOf('/') + 1).replace(/[:@].*$/, '') : image;
  return path === path.toLowerCase() ? '' : `: repository name (${path}) must be lowercase`;
}
