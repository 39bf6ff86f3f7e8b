import type { Lists } from './list.ts';
import type { Rights } from './rbac.ts';
import type { Store } from './store.ts';

export interface Services {
  store: Store;
  rights: Rights;
  lists: Lists;
  /** The text of a container's log; throws what the kubelet would answer. */
  readLog: (namespace: string, pod: string, query: Record<string, string>) => string;
}

export type Reply = { status: number; json: unknown } | { status: number; text: string } | { watch: true };
