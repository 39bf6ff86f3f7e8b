/** Every message of the workspace, ephemeral ones included. Whoever may do what is decided by the callers; this only keeps and tells. */
import type { Changes } from './changes.ts';
import type { Directory } from './directory.ts';
import { mentionsIn } from './mentions.ts';
import type { Block, Clock, Mention } from './types.ts';

export type Metadata = { event_type: string; event_payload: Record<string, unknown> };

export interface StoredMessage {
  channelId: string;
  readonly ts: string;
  readonly userId: string;
  readonly botId?: string;
  /** Shown instead of the author's name (`chat:write.customize`). */
  readonly username?: string;
  text: string;
  blocks: Block[];
  readonly threadTs?: string;
  broadcast: boolean;
  metadata?: Metadata;
  edited?: { ts: string; userId: string };
  revision: number;
  readonly unfurl: { links: boolean; media: boolean };
  mentions: Mention[];
  /** Only this user sees it. */
  readonly ephemeralFor?: string;
  /** Slack's own words, not the app's. */
  readonly notice: boolean;
  /** Deleted while it had replies: the thread stays under "This message was deleted." */
  tombstone: boolean;
}

type NewMessage = Pick<StoredMessage, 'channelId' | 'userId' | 'text'> &
  Partial<
    Pick<StoredMessage, 'botId' | 'username' | 'blocks' | 'threadTs' | 'broadcast' | 'metadata' | 'unfurl' | 'ephemeralFor' | 'notice'>
  >;

export interface Messages {
  post(message: NewMessage): StoredMessage;
  /** Only what is given changes; `metadata: null` takes it away. */
  change(
    message: StoredMessage,
    change: {
      text?: string;
      blocks?: Block[];
      metadata?: Metadata | null;
      broadcast?: boolean;
      edited?: { userId: string };
    },
  ): void;
  remove(message: StoredMessage): void;
  find(channelId: string, ts: string): StoredMessage | undefined;
  /** In order of ts. */
  in(channelId: string): readonly StoredMessage[];
  /** Replies that everybody sees. */
  replies(channelId: string, threadTs: string): StoredMessage[];
  /** Channel ids may change when a channel is shared. */
  move(from: string, to: string): void;
  /** A fresh one, later than every other. */
  nextTs(): string;
}

export function makeMessages(deps: { clock: Clock; changes: Changes; directory: Directory }): Messages {
  const { clock, changes, directory } = deps;
  const byChannel = new Map<string, StoredMessage[]>();
  let lastMicros = 0;
  const nextTs = (): string => {
    lastMicros = Math.max(lastMicros + 1, clock.now() * 1000);
    return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
  };
  const inChannel = (id: string): StoredMessage[] => byChannel.get(id) ?? [];
  const tell = (what: 'posted' | 'edited' | 'deleted', message: StoredMessage): void => {
    const place = {
      channelId: message.channelId,
      ts: message.ts,
      ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
    };
    if (message.ephemeralFor === undefined) changes.tell({ kind: `message-${what}`, ...place });
    else changes.tell({ kind: `ephemeral-${what}`, ...place, userId: message.ephemeralFor });
  };
  const replies = (channelId: string, threadTs: string): StoredMessage[] =>
    inChannel(channelId).filter((other) => other.threadTs === threadTs && other.ephemeralFor === undefined);

  return {
    nextTs,
    post(seed) {
      const blocks = seed.blocks ?? [];
      const message: StoredMessage = {
        broadcast: false,
        notice: false,
        unfurl: { links: false, media: false },
        ...seed,
        ts: nextTs(),
        blocks,
        revision: 0,
        tombstone: false,
        mentions: mentionsIn(seed.text, blocks, directory),
      };
      byChannel.set(seed.channelId, [...inChannel(seed.channelId), message]);
      tell('posted', message);
      return message;
    },
    change(message, change) {
      if (change.text !== undefined) message.text = change.text;
      if (change.blocks !== undefined) message.blocks = change.blocks;
      if (change.metadata === null) delete message.metadata;
      else if (change.metadata !== undefined) message.metadata = change.metadata;
      if (change.broadcast !== undefined) message.broadcast = change.broadcast;
      if (change.edited !== undefined) message.edited = { ts: nextTs(), userId: change.edited.userId };
      message.revision += 1;
      message.mentions = mentionsIn(message.text, message.blocks, directory);
      tell('edited', message);
    },
    remove(message) {
      if (message.ephemeralFor === undefined && message.threadTs === undefined && replies(message.channelId, message.ts).length > 0) {
        message.tombstone = true;
        message.text = 'This message was deleted.';
        message.blocks = [];
        message.mentions = [];
        delete message.metadata;
      } else {
        byChannel.set(
          message.channelId,
          inChannel(message.channelId).filter((other) => other !== message),
        );
      }
      tell('deleted', message);
    },
    find: (channelId, ts) => inChannel(channelId).find((message) => message.ts === ts),
    in: inChannel,
    replies,
    move(from, to) {
      const moved = inChannel(from);
      for (const message of moved) message.channelId = to;
      byChannel.delete(from);
      byChannel.set(to, moved);
    },
  };
}
