import type { Store } from './api-server/store.ts';
import type { KubeObject } from './types.ts';

/** Waits for a change of one object; never polls. */
export async function waitUntil(
  store: Store,
  plural: string,
  namespace: string | undefined,
  name: string,
  predicate: (object: KubeObject | undefined) => boolean,
  timeoutMs = 10_000,
): Promise<KubeObject | undefined> {
  const look = () => store.get(plural, namespace, name);
  if (predicate(look())) return look();
  return await new Promise((resolve, reject) => {
    const end = () => {
      unsubscribe();
      clearTimeout(timer);
    };
    const unsubscribe = store.onChange(({ resource, object }) => {
      if (resource !== plural || object.metadata.name !== name || object.metadata.namespace !== namespace) return;
      const now = look();
      if (!predicate(now)) return;
      end();
      resolve(now);
    });
    const timer = setTimeout(() => {
      end();
      const where = `${plural} ${namespace ?? ''}/${name}`;
      reject(new Error(`${where} did not become what was waited for within ${timeoutMs} ms; it is ${JSON.stringify(look()?.['status'])}`));
    }, timeoutMs);
  });
}
