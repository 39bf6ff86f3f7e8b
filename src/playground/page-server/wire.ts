/** What travels between the page and its server. Types only: the page imports this file, and nothing of it is left after the build. */
import type { FieldValue, MessageView, ModalState, Option, Outcome, View } from '../slack/types.ts';

export type { Block, FieldValue, MessageView, ModalState, Option, Outcome, View } from '../slack/types.ts';

/** Somebody the visitor can be. */
export interface Persona {
  id: string;
  /** "Developer", "SRE", "Guest" */
  role: string;
  /** One line: what this person may do here. */
  about: string;
}

/** Guides the first minute; the page ticks the steps off by what it sees. */
export interface Tour {
  channel: string;
  app: string;
  environment: string;
  /** The tag that step one pushes to. Left out where nothing can be pushed. */
  ref?: string;
  requester: string;
  approver: string;
}

export interface CommandHints {
  apps: { name: string; environments: string[] }[];
  environments: string[];
  /** Of `/repull <app> <env>` itself. */
  usage: string;
  verbs: { name: string; usage: string; about: string }[];
  flags: { name: string; about: string; value?: string }[];
}

export interface WorkspaceSlice {
  name: string;
  botUserId: string;
  botName: string;
  /** Open Socket Mode connections: 0 means that the bot is not there. */
  connections: number;
  users: { id: string; name: string; realName: string; guest: boolean; bot: boolean; away: boolean }[];
  groups: { id: string; name: string }[];
  /** Every channel by id and name, for mentions. */
  channelNames: { id: string; name: string }[];
  /** What this person can open. */
  channels: { id: string; name: string; kind: string; topic: string; members: number; archived: boolean; lastTs: string }[];
  personas: Persona[];
  shortcuts: { callbackId: string; name: string }[];
  hints: CommandHints;
  tour?: Tour;
}

/** Only what changed since the last one; `order` is complete, so what is missing in it is gone. */
export interface ChannelSlice {
  channelId: string;
  order: string[];
  changed: MessageView[];
}

export interface PanelContainer {
  name: string;
  image: string;
  policy: string;
  /** `sha256:…`, empty until the kubelet reported one. */
  digest: string;
  restarts: number;
}

export interface PanelPod {
  namespace: string;
  name: string;
  node: string;
  /** Key of the workload that owns it, or empty. */
  workload: string;
  /** One word: Pending, Pulling, Starting, Running, Ready, Terminating, or the kubelet's own reason (ErrImagePull …). */
  phase: string;
  tone: 'good' | 'busy' | 'bad' | 'gone';
  containers: PanelContainer[];
  /** Milliseconds since the epoch. */
  created: number;
}

export interface PanelWorkload {
  key: string;
  kind: string;
  namespace: string;
  name: string;
  desired: number;
  ready: number;
  updated: number;
  containers: { name: string; image: string; policy: string }[];
}

export interface PanelEvent {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  namespace: string;
  object: string;
  reason: string;
  message: string;
  warning: boolean;
  count: number;
}

export interface PanelTag {
  repository: string;
  tag: string;
  ref: string;
  digest: string;
  version: string;
  /** Milliseconds since the epoch; 0 where the registry does not tell. */
  pushedAt: number;
}

export interface ClusterPanel {
  name: string;
  simulated: boolean;
  /** Where it is, for people: the API server's address. */
  server: string;
  nodes: { name: string; ready: boolean; images: { name: string; digest: string }[] }[];
  workloads: PanelWorkload[];
  pods: PanelPod[];
  tags: PanelTag[];
  events: PanelEvent[];
  canPush: boolean;
  /** Something that the visitor should know, e.g. that the API server cannot be reached. */
  note?: string;
}

/** Server → page. */
export type Live =
  | { slice: 'workspace'; data: WorkspaceSlice }
  | { slice: 'channel'; data: ChannelSlice }
  | { slice: 'modal'; data: ModalState | null }
  | { slice: 'home'; data: View | null }
  | { slice: 'cluster'; data: ClusterPanel }
  | { slice: 'notice'; data: { text: string } };

/** Page → server over the socket: whose eyes, and which channel they look at (none while the App Home is open). */
export interface Watch {
  user: string;
  channel?: string;
}

interface WireAction {
  actionId: string;
  blockId?: string;
}
interface MessagePlace {
  channelId: string;
  ts: string;
}

/** Page → server: something that a person does. */
export type Act =
  | { do: 'type'; channel: string; text: string; thread?: string; broadcast?: boolean }
  | { do: 'click'; target: MessagePlace; action: WireAction }
  | { do: 'select'; target: MessagePlace; action: WireAction; value: string | string[] }
  | { do: 'suggest'; target?: MessagePlace; action: WireAction; typed: string }
  | { do: 'shortcut'; target: MessagePlace; callbackId: string }
  | { do: 'modal-act'; action: WireAction; value?: string | string[] }
  | { do: 'submit'; fields: Record<string, FieldValue> }
  | { do: 'close-modal' }
  | { do: 'open-home' }
  | { do: 'home-act'; action: WireAction; value?: string | string[] }
  | { do: 'push'; ref: string; crash?: boolean };

/** `problem`: it could not be done at all, in words. */
export type ActAnswer = { outcome: Outcome } | { options: Option[] } | { pushed: { ref: string; digest: string } } | { problem: string };
