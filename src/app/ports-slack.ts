/** The ports of the bot's side: what Slack shows, who somebody is, and questions that change nothing. The others are in ports.ts. */
import type { ActorFacts, ChannelFacts } from '../domain/policy.ts';
import type { Ask, CardPlace, Milestone, RequestRecord } from '../domain/request.ts';
import type { Answer } from './answers.ts';

// ---------------------------------------------------------------- delivery to Slack

/** What the sync knows about one request's card and thread. */
export interface Delivery {
  card?: CardPlace;
  /** Hash of the rendering that Slack shows now. */
  cardHash?: string;
  /** seq → ts of thread entries that are posted. */
  posted: Record<string, string>;
  /** Post-once markers: key → Redis ms when a post was begun whose result is unknown. */
  intents: Record<string, number>;
  /** Ephemeral answer of a request without a card: given already. */
  answered?: boolean;
  /** The channel or card is gone for good: stop posting. */
  dead?: string;
  syncedVersion: number;
}

export interface DeliveryStore {
  delivery(id: string): Promise<Delivery>;
  /** Written before a post; false if a marker stands already. */
  intend(id: string, key: string): Promise<boolean>;
  clearIntent(id: string, key: string): Promise<void>;
  posted(id: string, key: string, place: CardPlace, hash?: string): Promise<void>;
  answered(id: string): Promise<void>;
  dead(id: string, because: string): Promise<void>;
  /** Removes it from the dirty set if its version is not beyond this one. */
  synced(id: string, version: number): Promise<void>;
  /** Ids whose record is ahead of Slack, oldest first, with the Redis ms since when. */
  dirty(limit: number): Promise<{ id: string; since: number }[]>;
}

export type PostResult =
  | { ok: true; ts: string }
  | { ok: false; because: 'rate-limited'; retryAfterMs: number }
  /** The reply was lost: it may or may not be there. */
  | { ok: false; because: 'unknown'; detail: string }
  /** `message_not_found`: the message was deleted. */
  | { ok: false; because: 'message-gone' }
  /** Archived, bot removed: nothing can be shown there. `everywhere`: token revoked, nothing can be shown anywhere. */
  | { ok: false; because: 'channel-gone'; detail: string; everywhere?: true }
  | { ok: false; because: 'refused'; detail: string };

/** What the card shows that the record alone does not know. */
export interface CardContext {
  /** Line position while queued. */
  position?: { position: number; holder?: string };
  /** A newer request for the same app and environment exists: no Roll back button. */
  newer?: boolean;
  /** How the policy of now differs from the one it was asked under. */
  policyDiffers?: string;
}

export interface Channel {
  /** Hash of the card's rendering; equal hash = no call. */
  hash(record: RequestRecord, context: CardContext): string;
  postCard(record: RequestRecord, context: CardContext): Promise<PostResult>;
  /** @param shown hash of what Slack shows now: what only moves on within a state may wait for what changes it. */
  updateCard(place: CardPlace, record: RequestRecord, context: CardContext, shown?: string): Promise<PostResult>;
  /** One thread entry for all of these, under the key `keyOfMilestones`. A broadcast is one of its own. */
  postMilestone(card: CardPlace, record: RequestRecord, ...milestones: Milestone[]): Promise<PostResult>;
  /** Looks for a message of ours by its metadata {request, key}; `cannot-look` without history scopes. */
  find(place: { channel: string; thread?: string }, request: string, key: string): Promise<{ ts: string } | 'absent' | 'cannot-look'>;
  /** Only for one person. `handle` names a response_url kept in this process's memory; without it, an ephemeral message. */
  tell(to: Listener, answer: Answer): Promise<PostResult>;
  permalink(place: CardPlace): Promise<string | undefined>;
  /**
   * Plain announcement (incidents, break-glass), or a word in a thread. `channel` may be a person's id.
   * @param id of the announcement, by which `find` knows it (key `ANNOUNCED`).
   */
  announce(channel: string, text: string, thread?: string, id?: string): Promise<PostResult>;
  /** Draws somebody's App Home. `hash`: only if nobody drew it since; then `stale`. */
  home(user: string, content: HomeContent, hash?: string): Promise<PostResult | { ok: false; because: 'stale' }>;
}

/** What one person's App Home shows. Everything in it has been checked to be theirs to see. */
export interface HomeContent {
  /** What came of the button that was just pressed there. */
  notice?: Answer;
  /** Requests that wait for this person's vote. */
  approvals: readonly HomeRow[];
  running: readonly HomeRow[];
  recent: readonly HomeRow[];
  /** What they may do and which rule says so, one line each. */
  rights: readonly string[];
}

export interface HomeRow {
  record: RequestRecord;
  /** Where its card stands, and Slack's own address of it. */
  card?: CardPlace & { permalink?: string };
}

/** The key under which a thread entry is posted, and known to have been: its milestones' numbers. */
export const keyOfMilestones = (milestones: readonly { seq: number }[]): string => milestones.map((each) => each.seq).join('+');
export const ANNOUNCED = 'announced';

/** Something said to a channel or a person that belongs to no card; said once however often it is asked for. */
export interface Announcement {
  id: string;
  channel: string;
  text: string;
}
export interface Announcements {
  /** The first of an id stays. */
  put(announcement: Announcement): Promise<void>;
  load(id: string): Promise<Announcement | undefined>;
}

export interface Listener {
  channel: string;
  user: string;
  thread?: string;
  handle?: string;
}

/** Who somebody is and what a channel is, asked of Slack; unknown is a value and means no. */
export interface Directory {
  actor(userId: string, teamId: string | undefined): Promise<ActorFacts>;
  channel(channelId: string): Promise<ChannelFacts>;
}

// ---------------------------------------------------------------- inquiries: check and --dry-run, which change nothing

export interface Inquiry {
  id: string;
  kind: 'check' | 'dry-run';
  ask: Ask;
  requester: string;
  team?: string;
  listener: Listener;
  decision: RequestRecord['decision'];
  answer?: Answer;
}
export interface Inquiries {
  put(inquiry: Inquiry): Promise<void>;
  load(id: string): Promise<Inquiry | undefined>;
  answer(id: string, answer: Answer): Promise<void>;
}
