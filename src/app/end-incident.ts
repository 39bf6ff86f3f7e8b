import { announce } from './announce.ts';
import type { BotDeps } from './bot-deps.ts';
import { lookPatiently } from './close-channel.ts';
import type { Incident } from './ports.ts';

const CLOCK = 'repull:clock';

/** No request has this id: an alarm under it is about incident channels. */
export const INCIDENTS = 'incidents';

/** Incidents whose time is over no longer count; here that is told, and forgotten. By an alarm, and by the reconcile where that rang early or was lost. */
export async function endOverdueIncidents(deps: BotDeps): Promise<void> {
  for (const incident of await deps.switches.overdueIncidents())
    await end(deps, incident, 'is no longer an incident channel: its time is over');
}

/** An archived or shared channel is no place for an incident; one that got another id still is the same channel. */
export async function followChannel(deps: BotDeps, channel: string, became?: string): Promise<void> {
  const incident = (await deps.switches.incidents()).find((each) => each.channel === channel);
  if (incident === undefined) return;
  const facts = await lookPatiently(deps, became ?? channel);
  if (facts.archived) return end(deps, incident, 'was archived, so it is no longer an incident channel');
  if (facts.shared) return end(deps, incident, 'is shared with another organisation, so it is no longer an incident channel');
  // Not to be seen at this moment is no end: nothing can be done there meanwhile, and the binding has its own end.
  if (became === undefined || facts.kind === 'unknown') return;
  const { at, until, by } = incident;
  await deps.switches.bind({ channel: became, until, by }, `incident-moved-${channel}-${at}`);
  await end(deps, incident, `has another id and stays an incident channel as <#${became}>`);
}

/** Told first: whoever dies in between tells it again under the same id, and that is said once. */
async function end(deps: BotDeps, { channel, at }: Incident, what: string): Promise<void> {
  const id = `incident-over-${channel}-${at}`;
  const where = deps.policy().incidents?.announce;
  if (where !== undefined) await announce(deps, id, where, `✅ <#${channel}> ${what}.`);
  await deps.switches.unbind(channel, CLOCK, id, at);
}
