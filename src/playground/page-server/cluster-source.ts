import type { ClusterPanel } from './wire.ts';

/** What the page shows beside the channel, wherever it comes from. */
export interface ClusterSource {
  panel(): ClusterPanel;
  /** Called after anything in the panel may have changed. Returns the function that stops it. */
  onChange(listener: () => void): () => void;
  /** Left out: read-only. Pushes a new build under this tag; rejects with words for people. */
  push?(ref: string, options: { crash: boolean }): Promise<{ ref: string; digest: string }>;
  close(): Promise<void>;
}
