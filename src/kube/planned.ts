import { createHash } from 'node:crypto';
import type { Kind } from './kinds/kind.ts';
import type { RawWorkload } from './raw.ts';

const KEPT = 1000;

/**
 * What plans stood on, by uid and resourceVersion: after a 409 it tells a mere status update (send again) from a change of the
 * template (conflict). Memory of this process only; what it does not know is a conflict.
 */
export class PlannedTemplates {
  readonly #seen = new Map<string, string>();

  remember(kind: Kind, raw: RawWorkload): void {
    const key = `${raw.metadata.uid} ${raw.metadata.resourceVersion}`;
    this.#seen.delete(key);
    this.#seen.set(key, fingerprint(kind, raw));
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= KEPT) return;
      this.#seen.delete(oldest);
    }
  }

  unchangedSince(resourceVersion: string, kind: Kind, raw: RawWorkload): boolean {
    return this.#seen.get(`${raw.metadata.uid} ${resourceVersion}`) === fingerprint(kind, raw);
  }
}

const fingerprint = (kind: Kind, raw: RawWorkload): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(kind.planned(raw))))
    .digest('hex');

/** The server writes maps in a stable order, but that is its habit, not its promise. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
