import type { NodeFacts } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { hasStatus } from './errors.ts';
import type { RawNode } from './raw.ts';
import { nodeOf } from './snapshot.ts';

/** Long enough to spare a node read per look, short enough that a lost node is named in time. */
const FRESH_MS = 15_000;

/** Reads only the nodes that are asked for: a node object is large (its image list), a cluster may have thousands. */
export class NodeReader {
  readonly #api: KubeApi;
  readonly #seen = new Map<string, { at: number; facts: NodeFacts | 'lost' | 'unseen' }>();

  constructor(api: KubeApi) {
    this.#api = api;
  }

  /** Those that exist, and the names of those that do not; neither where the worker may not see nodes. */
  async read(names: string[]): Promise<{ nodes: NodeFacts[]; lostNodes: string[] }> {
    const facts = await Promise.all(names.map((name) => this.#one(name)));
    return {
      nodes: facts.filter((one) => typeof one === 'object'),
      lostNodes: names.filter((_, index) => facts[index] === 'lost'),
    };
  }

  async #one(name: string): Promise<NodeFacts | 'lost' | 'unseen'> {
    const now = performance.now();
    const seen = this.#seen.get(name);
    if (seen !== undefined && now - seen.at < FRESH_MS) return seen.facts;
    const facts = await this.#api.json<RawNode>({ method: 'GET', path: `/api/v1/nodes/${encodeURIComponent(name)}` }).then(
      ({ body }) => nodeOf(body),
      (error: unknown) => {
        if (hasStatus(error, 404)) return 'lost' as const;
        if (hasStatus(error, 403)) return 'unseen' as const;
        throw error;
      },
    );
    for (const [key, { at }] of this.#seen) if (now - at >= FRESH_MS) this.#seen.delete(key);
    this.#seen.set(name, { at: now, facts });
    return facts;
  }
}
