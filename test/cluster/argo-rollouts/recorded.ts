import { readFileSync } from 'node:fs';
import type { Json, World } from '../../support/world.ts';
import { until } from '../../support/until.ts';

type Frame = { desired: Partial<Record<'NEW' | 'STABLE', number>>; gone: number; status: Json };
type Reaction = 'start' | 'restart' | 'canary' | 'promote' | 'abort';
type Recording = Record<Reaction, Frame[]>;

const HASH = 'rollouts-pod-template-hash';
const MERGE = 'application/merge-patch+json';

/**
 * Plays the Argo Rollouts controller where that is not built: what the real one wrote into the status of a Rollout, and how it scaled and evicted,
 * as `record-argo-rollouts.mjs` saw it (2 pods; steps 50 %, pause, pause 1 s). ReplicaSets and pods are real. It knows those reactions and no others.
 */
export function playRecording(world: World, namespace: string): { stop(): Promise<void> } {
  const recording = JSON.parse(readFileSync('test/support/fixtures/argo-rollouts.json', 'utf8')) as Recording;
  const player = new Player(world, namespace, recording);
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts`;
  const busy = new Map<string, Promise<void>>();
  const watch = world.watch(`${path}?watch=true`, ({ type, object }) => {
    if (type !== 'ADDED' && type !== 'MODIFIED') return;
    const name: string = object.metadata.name;
    busy.set(
      name,
      (busy.get(name) ?? Promise.resolve()).then(() => player.react(name)),
    );
  });
  return {
    async stop() {
      await watch.stop();
      await Promise.all(busy.values());
    },
  };
}

/** What was last reacted to, by Rollout. */
interface Seen {
  template: string;
  restartAt: string | undefined;
  hash: string;
  stable: string | undefined;
  revision: number;
}

class Player {
  readonly #world: World;
  readonly #namespace: string;
  readonly #recording: Recording;
  readonly #seen = new Map<string, Seen>();
  readonly #scaled = new Map<string, number>();

  constructor(world: World, namespace: string, recording: Recording) {
    this.#world = world;
    this.#namespace = namespace;
    this.#recording = recording;
  }

  async react(name: string): Promise<void> {
    const rollout = await this.#get(this.#rollout(name));
    if (rollout?.spec === undefined) return;
    const seen = this.#seen.get(name);
    const template = JSON.stringify(rollout.spec.template);
    if (seen === undefined || seen.template !== template) {
      const revision = (seen?.revision ?? 0) + 1;
      const next = { template, restartAt: rollout.spec.restartAt, hash: `recorded${revision}`, stable: seen?.hash, revision };
      this.#seen.set(name, next);
      await this.#createSet(rollout, next);
      return this.#play(rollout, next, seen === undefined ? 'start' : 'canary');
    }
    if (seen.restartAt !== rollout.spec.restartAt) {
      seen.restartAt = rollout.spec.restartAt;
      return this.#play(rollout, { ...seen, stable: undefined }, 'restart');
    }
    const { abort, phase, controllerPause, pauseConditions } = rollout.status ?? {};
    if (abort === true && phase !== 'Degraded') return this.#play(rollout, seen, 'abort');
    if (abort !== true && controllerPause === true && pauseConditions === undefined) return this.#play(rollout, seen, 'promote');
  }

  async #play(rollout: Json, seen: Seen, reaction: Reaction): Promise<void> {
    const { name, generation } = rollout.metadata;
    const hashes: Record<string, string | undefined> = { NEW: seen.hash, STABLE: seen.stable };
    const old = (await this.#pods(name)).map((pod) => pod.metadata.uid as string);
    for (const frame of this.#recording[reaction]) {
      const scales = Object.entries(frame.desired).map(([role, replicas]) => ({ set: `${name}-${hashes[role]}`, replicas }));
      for (const { set, replicas } of scales) if (replicas > this.#scaleOf(set)) await this.#scale(set, replicas);
      if (reaction === 'restart') await this.#evict(name, old, frame.gone);
      const ready: number = frame.status.readyReplicas ?? 0;
      await until(async () => (await this.#ready(name)) >= ready || (await this.#isGone(name)), {
        what: `${ready} ready pods of ${name}`,
        withinMs: 60_000,
        everyMs: 200,
      });
      // What was seen of a status is older than what was seen of its ReplicaSets: fewer pods come after the readiness that allowed it.
      for (const { set, replicas } of scales) if (replicas < this.#scaleOf(set)) await this.#scale(set, replicas);
      const text = JSON.stringify({ ...NOTHING, ...frame.status })
        .replaceAll('"GENERATION"', `"${generation}"`)
        .replaceAll('"RESTART_AT"', seen.restartAt === undefined ? 'null' : `"${seen.restartAt}"`)
        .replaceAll('"TIME"', `"${new Date().toISOString().slice(0, 19)}Z"`)
        .replaceAll('NAME-', `${name}-`)
        .replaceAll('NEW', seen.hash)
        .replaceAll('STABLE', seen.stable ?? '');
      await this.#patch(`${this.#rollout(name)}/status`, { status: JSON.parse(text) });
    }
  }

  /** One after the other, each as soon as all are ready again, as the real one does where one may be missing. */
  async #evict(name: string, old: string[], gone: number): Promise<void> {
    for (;;) {
      const left = (await this.#pods(name)).filter((pod) => old.includes(pod.metadata.uid));
      const [next] = left;
      if (next === undefined || old.length - left.length >= gone) return;
      await until(async () => (await this.#ready(name)) >= old.length, { what: `${name} is whole`, withinMs: 60_000, everyMs: 200 });
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: next.metadata.name, namespace: this.#namespace } };
      await this.#world.request('POST', `/api/v1/namespaces/${this.#namespace}/pods/${next.metadata.name}/eviction`, body);
    }
  }

  async #createSet({ metadata, spec }: Json, { hash, revision }: Seen): Promise<void> {
    const labels = { ...spec.template.metadata.labels, [HASH]: hash };
    const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: metadata.name, uid: metadata.uid, controller: true };
    await this.#world.request('POST', `/apis/apps/v1/namespaces/${this.#namespace}/replicasets`, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${metadata.name}-${hash}`,
        labels,
        annotations: { 'rollout.argoproj.io/revision': String(revision) },
        ownerReferences: [owner],
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: { ...spec.selector.matchLabels, [HASH]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    });
  }

  async #pods(name: string): Promise<Json[]> {
    const { items } = await this.#get(`/api/v1/namespaces/${this.#namespace}/pods?labelSelector=app%3D${name}`);
    return (items as Json[]).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  }

  async #ready(name: string): Promise<number> {
    const isReady = (pod: Json): boolean =>
      (pod.status.conditions ?? []).some((one: Json) => one.type === 'Ready' && one.status === 'True');
    return (await this.#pods(name)).filter(isReady).length;
  }

  readonly #scaleOf = (set: string): number => this.#scaled.get(set) ?? 0;
  async #scale(set: string, replicas: number): Promise<void> {
    this.#scaled.set(set, replicas);
    await this.#patch(`/apis/apps/v1/namespaces/${this.#namespace}/replicasets/${set}`, { spec: { replicas } });
  }

  readonly #isGone = async (name: string): Promise<boolean> => (await this.#get(this.#rollout(name))).spec === undefined;
  readonly #rollout = (name: string): string => `/apis/argoproj.io/v1alpha1/namespaces/${this.#namespace}/rollouts/${name}`;
  readonly #get = async (path: string): Promise<Json> => (await this.#world.request('GET', path)).body;
  readonly #patch = async (path: string, body: object): Promise<void> => {
    await this.#world.request('PATCH', path, body, MERGE);
  };
}

/** A merge patch keeps what it does not name; a status is written as a whole. */
const NOTHING = {
  abort: null,
  abortedAt: null,
  availableReplicas: null,
  controllerPause: null,
  message: null,
  pauseConditions: null,
  readyReplicas: null,
  replicas: null,
  updatedReplicas: null,
};
