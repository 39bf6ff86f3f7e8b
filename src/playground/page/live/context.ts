import { createContext, useContext } from 'react';
import type { WorkspaceSlice } from '../../page-server/wire.ts';
import type { Actor } from './act.ts';

/** What nearly every part of the page needs: who acts, and who everybody is. */
export interface PageContext {
  actor: Actor;
  workspace: WorkspaceSlice;
  theme: 'light' | 'dark';
}

export const Page = createContext<PageContext | undefined>(undefined);

export function usePage(): PageContext {
  const page = useContext(Page);
  if (!page) throw new Error('usePage outside of <Page>');
  return page;
}
