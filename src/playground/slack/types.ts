/** The public face of the local Slack: what tests, the integration suites and the playground's page hold in their hands. */
import type { Channel, User, Workspace, WorkspaceSeed } from './workspace-types.ts';
import type { CallLog, DeliveryLog, Faults } from './fault-types.ts';

/** A Block Kit block as it was stored (ids filled in). */
export type Block = { type: string; block_id?: string; [key: string]: unknown };
/** A composition object: an option of a select, a checkbox, a radio button. */
export type Option = { text: { type: string; text: string }; value: string; description?: { type: string; text: string } };

/** Milliseconds. The default is the real clock; `manualClock()` of clock.ts is one that tests advance. */
export interface Clock {
  now(): number;
  /** Calls back once, `ms` later; returns how to call it off. Timers of the real clock never keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

export interface LocalSlackOptions {
  /** 0 or left out: a free one. Listens on 127.0.0.1 only. */
  port?: number;
  workspace?: WorkspaceSeed;
  /** `real` (default): Slack's tiers. `{ scale: 10 }`: ten times the budget per minute. */
  rateLimits?: 'real' | 'off' | { scale: number };
  /** Of everything random: ids, tokens, which connection gets a payload. Default 1. */
  seed?: number;
  /** How long an app may take to acknowledge; default 3000. */
  ackMs?: number;
  /** Waits before the 1st, 2nd, 3rd redelivery of an event; default: at once, 1 min, 5 min. */
  retryMs?: number[];
  clock?: Clock;
  /**
   * `replace_original` through the response URL of a COMMAND, whose answer is no message that was acted on. `honoured` (default): replaces
   * the last answer to that command. `ignored`: posts a new one, which is what slackapi/bolt-js#2287 and bolt-python#1268 report of the real
   * Slack. An app should read well either way.
   */
  commandReplaceOriginal?: 'honoured' | 'ignored';
}

export interface LocalSlack {
  /** `http://127.0.0.1:PORT/api/` */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly teamId: string;
  readonly appId: string;
  readonly botUserId: string;
  readonly workspace: Workspace;
  readonly calls: CallLog;
  readonly deliveries: DeliveryLog;
  readonly faults: Faults;
  /** Open Socket Mode connections. */
  connections(): number;
  /** The driver: type, click, fill, submit as this person. Throws for an unknown user id. */
  as(userId: string): Person;
  /** What THIS user sees in a channel, ephemeral messages of their own included. Throws if they cannot open it. */
  view(userId: string, channelId: string): ChannelView;
  /** Every visible change, after it happened. Returns how to stop listening. */
  onChange(listener: (change: Change) => void): () => void;
  /** Looks now and after each change (and call, and delivery) until `look` answers something; rejects with a dump of what is visible. Default 10 s. */
  waitFor<T>(look: () => T | undefined | false | null, options?: { seconds?: number; what?: string }): Promise<T>;
  /** Deliver by signed HTTP to this URL instead of Socket Mode; `undefined` goes back. */
  useHttp(requestUrl: string | undefined): void;
  /** Closes sockets, connections and timers. */
  close(): Promise<void>;
}

export type MessageRef = { channelId: string; ts: string };
/** By action_id, or by the visible text of a button (or overflow option). A bare string is tried as an action_id, then as text. */
export type ActionRef = string | { actionId: string; blockId?: string } | { text: string };

export interface Person {
  readonly user: User;
  /**
   * `/repull …` is a slash command (refused in threads), `@repull …` or `<@BOT> …` a mention, all else a plain message.
   * `@name`, `#channel` and `@group` become real mentions; `@repull` too where the bot is.
   */
  type(channelId: string, text: string, options?: { threadTs?: string; broadcast?: boolean }): Promise<Outcome>;
  /** Throws if this person does not see the message, or the button is not there. A confirm dialog is answered with its confirm button unless `confirm: false`. */
  click(target: MessageRef, action: ActionRef, options?: { confirm?: boolean }): Promise<Outcome>;
  /** Chooses in a select, radio, checkbox, date … of a message. */
  select(target: MessageRef, action: ActionRef, value: string | string[]): Promise<Outcome>;
  /** Types into an external select: of a message, or (without target) of the open modal. Answers what the app offers. */
  suggest(target: MessageRef | undefined, action: ActionRef, typed: string): Promise<Option[]>;
  shortcut(target: MessageRef, callbackId: string): Promise<Outcome>;
  /** The confirm dialog that clicking would show. */
  confirmOf(target: MessageRef, action: ActionRef): ConfirmDialog | undefined;

  /** The modal on top of this person's stack. */
  modal(): ModalState | undefined;
  /** By block_id, action_id or label. For selects: the option's value or text. For checkboxes: an array. */
  fill(field: string, value: FieldValue): void;
  /** A button or select inside the open modal. */
  clickModal(action: ActionRef, options?: { confirm?: boolean; value?: string | string[] }): Promise<Outcome>;
  submit(): Promise<Outcome>;
  closeModal(): Promise<Outcome>;

  openHome(): Promise<Outcome>;
  home(): View | undefined;
  clickHome(action: ActionRef, options?: { confirm?: boolean; value?: string | string[] }): Promise<Outcome>;
}

export type FieldValue = string | string[] | undefined;
export type ConfirmDialog = { title: string; text: string; confirm: string; deny: string; style?: string };

/** What came of something a person did. */
export interface Outcome {
  kind: 'command' | 'mention' | 'message' | 'interaction' | 'event' | 'refused-by-slack' | 'not-confirmed';
  /** True if the app acknowledged in time (also true where nothing had to be delivered). */
  acked: boolean;
  /** Milliseconds from delivery to acknowledgement. */
  ackMs?: number;
  /** What the app put into the acknowledgement. */
  response?: unknown;
  /** The message that the acknowledgement made (ephemeral, or in_channel). */
  shown?: MessageView;
  /** What Slack tells the user when it went wrong, in words ("/repull failed with the error "operation_timeout""…). */
  error?: string;
  /** Errors under the fields of a modal, by block_id. */
  fieldErrors?: Record<string, string>;
  /** Of the message this person posted. */
  ts?: string;
  /** The handles that went out with the payload. */
  triggerId?: string;
  responseUrl?: string;
}

export type Mention = { kind: 'user' | 'group' | 'channel' | 'here' | 'everyone'; id: string };

export interface MessageView {
  channelId: string;
  ts: string;
  /** User id of the author; `USLACKBOT` for Slack's own notices. */
  userId: string;
  username: string;
  isBot: boolean;
  text: string;
  blocks: Block[];
  /** True: only this user sees it. */
  ephemeral: boolean;
  /** An ephemeral notice of Slack itself ("… did not respond"). */
  notice: boolean;
  edited?: { ts: string; userId: string };
  threadTs?: string;
  /** Posted in a thread and also shown in the channel. */
  broadcast: boolean;
  replies: MessageView[];
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
  /** Who was notified: every mention in it that Slack would deliver. */
  mentions: Mention[];
  /** How often it was changed since it was posted. */
  revision: number;
  unfurl: { links: boolean; media: boolean };
  permalink: string;
}

/** In order of ts; replies hang under their parent, broadcast ones are in both places. */
export interface ChannelView {
  channel: Channel;
  messages: MessageView[];
}

export interface View {
  id: string;
  type: 'modal' | 'home';
  callbackId: string;
  externalId: string;
  privateMetadata: string;
  title: string;
  submit?: string;
  close?: string;
  blocks: Block[];
  hash: string;
  notifyOnClose: boolean;
  clearOnClose: boolean;
  /** `{ [block_id]: { [action_id]: value } }` as Slack would send it now. */
  state: Record<string, Record<string, Record<string, unknown>>>;
}

export interface ModalState extends View {
  /** How many views lie on the stack, this one included. */
  depth: number;
  fieldErrors: Record<string, string>;
  /** Shown in the modal when a submission was not answered ("We had some trouble connecting. Try again?"). */
  error?: string;
}

export type Change =
  | { kind: 'message-posted' | 'message-edited' | 'message-deleted'; channelId: string; ts: string; threadTs?: string }
  | {
      kind: 'ephemeral-posted' | 'ephemeral-edited' | 'ephemeral-deleted';
      channelId: string;
      ts: string;
      userId: string;
      threadTs?: string;
    }
  /** An action of this user went wrong, or was refused: what Slack tells them. */
  | { kind: 'user-error'; userId: string; channelId?: string; text: string }
  | { kind: 'view-opened' | 'view-updated' | 'view-closed'; userId: string; viewId: string }
  | { kind: 'home-published'; userId: string }
  | { kind: 'workspace-changed'; what: 'user' | 'channel' | 'user-group' | 'token' | 'plan'; id: string }
  | { kind: 'connections-changed'; connections: number };
