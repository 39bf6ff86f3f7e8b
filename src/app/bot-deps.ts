import type { ActorFacts, ChannelFacts, Policy } from '../domain/policy.ts';
import type { ZonedClock } from '../domain/local-time.ts';
import type { Queues, RequestStore, Switches } from './ports.ts';
import type { Announcements, Channel, DeliveryStore, Directory, Inquiries } from './ports-slack.ts';
import type { Log, Signer } from './worker-deps.ts';

/** What every bot-side use case stands on. */
export interface BotDeps {
  store: RequestStore;
  deliveries: DeliveryStore;
  switches: Switches;
  inquiries: Inquiries;
  announcements: Announcements;
  queues: Queues;
  channel: Channel;
  directory: Directory;
  policy: () => Policy;
  /** In words, while the policy file is broken and the one before it is in force. */
  policyTrouble?: () => string | undefined;
  zoned: ZonedClock;
  signer?: Signer;
  newId: (now: number) => string;
  log: Log;
  /** Of the job that is being done: aborted when its lock was lost, and then nothing more may be sent. */
  signal?: AbortSignal;
  /** Our own Slack user id, to take a mention off the front. */
  me: string;
}

export interface Who {
  actor: ActorFacts;
  place: ChannelFacts;
}

/** Asked anew for every command and every click: who is this, and what is this channel, right now? */
export async function whoAndWhere(deps: BotDeps, user: string, team: string, channel: string): Promise<Who> {
  const [actor, place] = await Promise.all([deps.directory.actor(user, team), where(deps, channel)]);
  return { actor, place };
}

export async function where(deps: BotDeps, channel: string): Promise<ChannelFacts> {
  const [facts, incidents, now] = await Promise.all([deps.directory.channel(channel), deps.switches.incidents(), deps.store.now()]);
  const bound = incidents.find((each) => each.channel === channel && each.until > now);
  return bound === undefined ? facts : { ...facts, incident: { until: bound.until } };
}
