import { mayBindIncident } from '../domain/approve.ts';
import { decide } from '../domain/decide.ts';
import { formatDuration } from '../domain/duration.ts';
import { announce } from './announce.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import { INCIDENTS } from './end-incident.ts';
import type { Call } from './run-command.ts';

const DEFAULT_INCIDENT_MS = 4 * 3_600_000;

/** `/repull freeze env "reason" [--for 2h]`: an emergency stop for one environment; it never ends anything that is already running. */
export async function freeze(deps: BotDeps, call: Call, command: { environment: string; reason: string; forMs?: number }): Promise<Answer> {
  const decision = decide(deps.policy(), call.actor, call.place, 'freeze', { environment: command.environment });
  if (decision.verdict === 'deny') return { kind: 'denied', decision, app: '*', environment: command.environment };
  const until = command.forMs === undefined ? {} : { until: (await deps.store.now()) + command.forMs };
  await deps.switches.freeze({ environment: command.environment, by: call.user, reason: command.reason, ...until }, call.key);
  const end = command.forMs === undefined ? 'until somebody types /repull unfreeze' : `for ${formatDuration(command.forMs)}`;
  await say(deps, call, call.listener.channel, `❄️ <@${call.user}> froze ${command.environment} ${end}: ${command.reason}`);
  return { kind: 'done', text: `${command.environment} is frozen ${end}. What is already rolling out goes on.` };
}

export async function unfreeze(deps: BotDeps, call: Call, environment: string): Promise<Answer> {
  const decision = decide(deps.policy(), call.actor, call.place, 'freeze', { environment });
  if (decision.verdict === 'deny') return { kind: 'denied', decision, app: '*', environment };
  const was = await deps.switches.unfreeze(environment, call.user, call.key);
  if (!was) return { kind: 'done', text: `${environment} was not frozen by command. Freezes in the policy file end only there.` };
  await say(deps, call, call.listener.channel, `☀️ <@${call.user}> ended the freeze of ${environment}.`);
  await bringForward(deps, environment, call.key);
  return { kind: 'done', text: `${environment} is no longer frozen.` };
}

/** What only waited for the freeze to end is looked at now; an environment that is closed for another reason puts it off again. */
async function bringForward(deps: BotDeps, environment: string, key: string): Promise<void> {
  const now = await deps.store.now();
  for (const record of await deps.store.open()) {
    const { ask, state } = record;
    if (state.status !== 'scheduled' || ask.environment !== environment) continue;
    if (state.at <= now || (typeof ask.at === 'number' && ask.at > now)) continue;
    const result = await deps.store.transition({
      id: record.id,
      from: { version: record.version },
      to: { status: 'scheduled', at: now },
      actor: 'repull:clock',
      actionId: `unfrozen-${key}`,
      because: 'unfrozen',
    });
    if (result.moved) await deps.queues.release(record.id, now);
  }
}

/** Binds this channel, by id, as an incident channel. */
export async function bindIncident(deps: BotDeps, call: Call, forMs: number | undefined): Promise<Answer> {
  const decision = mayBindIncident(deps.policy(), call.actor, call.place);
  if (decision.verdict === 'deny') return { kind: 'denied', decision, app: '*', environment: '*' };
  const ms = forMs ?? DEFAULT_INCIDENT_MS;
  const until = (await deps.store.now()) + ms;
  await deps.switches.bind({ channel: call.listener.channel, by: call.user, until }, call.key);
  await deps.queues.expire(INCIDENTS, until);
  const where = deps.policy().incidents?.announce;
  if (where !== undefined)
    await say(deps, call, where, `🚨 <@${call.user}> made <#${call.listener.channel}> an incident channel for ${formatDuration(ms)}.`);
  return { kind: 'done', text: `This channel is an incident channel for ${formatDuration(ms)}.` };
}

export async function unbindIncident(deps: BotDeps, call: Call): Promise<Answer> {
  const decision = mayBindIncident(deps.policy(), call.actor, call.place);
  if (decision.verdict === 'deny') return { kind: 'denied', decision, app: '*', environment: '*' };
  const was = await deps.switches.unbind(call.listener.channel, call.user, call.key);
  const where = deps.policy().incidents?.announce;
  if (was && where !== undefined) await say(deps, call, where, `✅ <@${call.user}> ended the incident in <#${call.listener.channel}>.`);
  return { kind: 'done', text: was ? 'This channel is no longer an incident channel.' : 'This channel was not an incident channel.' };
}

/** Once per command, however often that is carried out. */
const say = (deps: BotDeps, call: Call, channel: string, text: string): Promise<void> =>
  announce(deps, `switched-${call.key}`, channel, text);
