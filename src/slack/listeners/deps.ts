import type { Queues } from '../../app/ports.ts';
import type { Log } from '../../app/worker-deps.ts';
import type { RequestRecord } from '../../domain/request.ts';
import type { Clients } from '../clients.ts';
import type { FreshDirectory } from '../directory.ts';
import type { Handles } from '../handles.ts';
import type { Choices } from '../../app/ask-choices.ts';
import type { HomeContent } from '../../app/ports-slack.ts';

/** What the person may see here; suggestions and type-ahead are made from nothing else. Throws or answers late: nothing is offered. */
export interface Visible {
  apps: readonly string[];
  environments: readonly string[];
  /** Ids of channels where this person may do something. */
  channels: readonly string[];
  /** Alias to app. */
  aliases?: Readonly<Record<string, string>>;
}

/** The few questions that a listener must have answered within Slack's 3 s. */
export interface Callbacks {
  /** The record behind a Details button, if the message is one of that record's, and this person may view it from this channel. */
  details?: (
    request: string,
    user: string,
    team: string,
    place: { channel: string; message: string },
  ) => Promise<RequestRecord | undefined>;
  choices?: (who: { user: string; team: string; channel: string }, chosen: { app?: string; environment?: string }) => Promise<Choices>;
  visible?: (user: string, team: string, channel: string) => Promise<Visible>;
  home?: (user: string, team: string) => Promise<HomeContent | undefined>;
}

export interface ListenerDeps {
  queues: Pick<Queues, 'intake'>;
  clients: Clients;
  handles: Handles;
  directory: FreshDirectory;
  callbacks: Callbacks;
  botUserId: string;
  teamId: string;
  log: Log;
}
