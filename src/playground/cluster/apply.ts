import { createObject } from './api-server/create.ts';
import { withDefaults } from './api-server/defaults.ts';
import { isRecord } from './api-server/json.ts';
import { resourceNamed } from './api-server/resources.ts';
import type { Store } from './api-server/store.ts';
import { strategicMerge } from './api-server/strategic-merge.ts';
import { validate } from './api-server/validate.ts';
import type { KubeObject } from './types.ts';

const MANAGER = { manager: 'kubectl-client-side-apply' };

/** For tests and the playground: creates, or merges into what is there; a missing namespace is made on the way. */
export function applyManifest(store: Store, manifest: object): KubeObject {
  const body = manifest as Record<string, unknown>;
  const metadata = isRecord(body['metadata']) ? body['metadata'] : {};
  const { kind } = body;
  if (typeof kind !== 'string') throw new Error('the manifest has no kind');
  const found = resourceNamed(kind);
  const namespace = found.namespaced ? textOf(metadata['namespace'], 'default') : '';
  if (namespace && !store.get('namespaces', undefined, namespace)) createObject(store, 'namespaces', '', { metadata: { name: namespace } });
  const existing = store.get(found.plural, namespace || undefined, textOf(metadata['name'], ''));
  if (!existing) return createObject(store, found.plural, namespace, body, MANAGER);
  return store.update(
    found.plural,
    namespace || undefined,
    existing.metadata.name,
    (before) => {
      const merged = withDefaults(strategicMerge(structuredClone(before), body) as KubeObject);
      validate(found, merged, before);
      return merged;
    },
    MANAGER,
  );
}

const textOf = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
