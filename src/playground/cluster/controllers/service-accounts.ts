import { createObject } from '../api-server/create.ts';
import type { Store } from '../api-server/store.ts';

/** Every namespace has a service account `default`. */
export function runServiceAccounts(store: Store): void {
  const provide = (namespace: string) => {
    if (store.get('serviceaccounts', namespace, 'default')) return;
    createObject(store, 'serviceaccounts', namespace, { metadata: { name: 'default' } });
  };
  for (const { metadata } of store.list('namespaces')) provide(metadata.name);
  store.onChange(({ resource, type, object }) => {
    if (resource === 'namespaces' && type === 'ADDED') provide(object.metadata.name);
  });
}
