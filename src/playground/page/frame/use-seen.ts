import { useCallback, useEffect, useState } from 'react';
import type { WorkspaceSlice } from '../../page-server/wire.ts';

type ChannelRow = WorkspaceSlice['channels'][number];

/** Which channels hold something that this person did not look at yet. Kept while the page is open. */
export function useSeen(
  userId: string,
  openChannel: string | undefined,
  channels: ChannelRow[] | undefined,
): (channel: ChannelRow) => boolean {
  const [seen, setSeen] = useState<Record<string, string>>({});
  const lastTs = channels?.find((channel) => channel.id === openChannel)?.lastTs;
  useEffect(() => {
    if (openChannel && lastTs) setSeen((before) => ({ ...before, [`${userId} ${openChannel}`]: lastTs }));
  }, [userId, openChannel, lastTs]);
  return useCallback(
    (channel: ChannelRow) => channel.id !== openChannel && channel.lastTs !== '' && channel.lastTs !== seen[`${userId} ${channel.id}`],
    [seen, userId, openChannel],
  );
}
