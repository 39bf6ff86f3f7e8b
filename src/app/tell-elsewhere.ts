import { isTerminal } from '../domain/lifecycle.ts';
import type { RequestRecord } from '../domain/request.ts';
import { announce } from './announce.ts';
import type { BotDeps } from './bot-deps.ts';
import type { Delivery } from './ports-slack.ts';
import type { Step } from './step.ts';
import { tellFollowers } from './tell-thread.ts';

/**
 * The channel is archived, or repull was removed from it: the request goes on, and whoever asked is told so directly, now and at its end. The end
 * is also said where the policy wants incidents said, since nobody else would hear of it.
 */
export async function tellElsewhere(deps: BotDeps, record: RequestRecord, delivery: Delivery, why: string): Promise<Step> {
  const { id, ask, requester, channel } = record;
  const what = `${id} (${ask.kind} of ${ask.app} in ${ask.environment}, asked for in <#${channel}>)`;
  const cause = `I can no longer write in that channel (${why.replaceAll('_', ' ')}), so its card there may be out of date.`;
  if (!isTerminal(record.state.status)) {
    const text = `${what} goes on, but ${cause} I tell you here how it ends; /repull show ${id} says how it stands.`;
    await announce(deps, `lost-${id}`, requester, text);
    return 'done';
  }
  const { state } = record;
  const because = state.status === 'failed' ? ` (${state.because.code})` : '';
  const text = `${what} has ended: ${state.status}${because}. ${cause} /repull show ${id} tells all of it.`;
  await announce(deps, `end-${id}`, requester, text);
  const incidents = deps.policy().incidents?.announce;
  if (incidents !== undefined && incidents !== channel) await announce(deps, `end-${id}-incidents`, incidents, text);
  return tellFollowers(deps, record, delivery);
}
