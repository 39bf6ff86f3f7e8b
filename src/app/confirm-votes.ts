import { setTimeout as sleep } from 'node:timers/promises';
import { isUnsure, mayVoteOn } from '../domain/approve.ts';
import type { Approval, RequestRecord } from '../domain/request.ts';
import { whoAndWhere, type BotDeps } from './bot-deps.ts';
import { closeChannel } from './close-channel.ts';
import { withHash } from './plan-hash.ts';
import type { NewMilestone, RecordPatch } from './ports.ts';
import { isAsked, isVoted, sealed } from './vouched.ts';

/** A Slack that does not answer for a moment takes nobody's vote away: so often it is asked, with this pause between (milliseconds). */
const LOOKS = 3;
const PAUSE = 2_000;

export interface Votes {
  good: Approval[];
  lost: Approval[];
}

/**
 * Which votes count now, by the policy of now: who has left the group, the channel or the company meanwhile no longer does, nor does who cannot be
 * confirmed. Asked when the last vote comes in, at the release, and when a request that had to wait in line is first in it.
 */
export async function countVotes(deps: BotDeps, record: RequestRecord, looks = 1): Promise<Votes> {
  for (let look = 1; ; look++) {
    const checked = await Promise.all(record.approvals.map((vote) => check(deps, record, vote)));
    const now = await deps.store.now();
    if (look < looks && checked.some((each) => each.unsure)) {
      await sleep(PAUSE);
      continue;
    }
    return {
      good: checked.filter((each) => each.counts).map(({ vote }) => ({ ...vote, confirmedAt: now })),
      lost: checked.filter((each) => !each.counts).map(({ vote }) => vote),
    };
  }
}

/** Where somebody waits for the outcome, Slack is asked once. */
export const countPatiently = (deps: BotDeps, record: RequestRecord): Promise<Votes> => countVotes(deps, record, LOOKS);

async function check(deps: BotDeps, record: RequestRecord, vote: Approval) {
  const { actor, place } = await whoAndWhere(deps, vote.by, record.team, record.channel);
  const decision = mayVoteOn(deps.policy(), actor, place, record);
  return { vote, counts: decision.verdict === 'allow', unsure: isUnsure(decision) };
}

/** The votes that count, sealed. */
export const withVotes = (deps: BotDeps, record: RequestRecord, approvals: Approval[]): RecordPatch => ({
  approvals,
  ...sealed(deps, record, 'planned', { approvals }),
});

/** Before votes are sealed anew: with a job key, nobody else wrote or edited what they were given for, and the plan is the one that its hash says. */
export const isGenuine = (deps: BotDeps, record: RequestRecord): boolean =>
  deps.signer === undefined ||
  (isAsked(deps, record) && isVoted(deps, record) && record.plan !== undefined && withHash(record.plan).hash === record.plan.hash);

/**
 * Queued, first in line, and its votes are older than the worker believes them (`areFresh`): the worker asks, because only a bot can ask Slack.
 * Enough of them still count: written down, and the worker goes on. Else it leaves the line and waits for approval again.
 */
export async function confirmVotes(deps: BotDeps, record: RequestRecord): Promise<void> {
  const { decision } = record;
  // What was forged is left as it is: the worker refuses it and says so.
  if (decision.verdict !== 'ask' || !isGenuine(deps, record)) return deps.queues.rollOut(record.ask.cluster, record.id);
  const { good, lost } = await countPatiently(deps, record);
  const enough = good.length >= decision.votes;
  const expiresAt = (await deps.store.now()) + decision.expiresMs;
  const result = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    ...(enough ? {} : { to: { status: 'awaiting-approval', expiresAt } }),
    patch: withVotes(deps, record, good),
    milestones: [
      ...lost.map(noLongerCounted),
      ...(enough ? [] : [{ kind: 'notice' as const, text: 'Not started: it waits for approval again.' }]),
    ],
    actor: 'repull:bot',
    actionId: `votes-${record.version}`,
    because: lost.length === 0 ? 'votes confirmed' : `votes no longer counted: ${lost.map((vote) => vote.by).join(', ')}`,
  });
  if (result.moved) await next(deps, result.record, enough ? [record.id] : result.woken);
}

/** Whose turn it is begins at once; what waits again expires, at once where nobody can approve there any more. */
async function next(deps: BotDeps, record: RequestRecord, turn: readonly string[]): Promise<void> {
  for (const id of turn) {
    const first = await deps.store.load(id);
    if (first !== undefined) await deps.queues.rollOut(first.ask.cluster, id);
  }
  if (record.state.status === 'awaiting-approval') {
    await deps.queues.expire(record.id, record.state.expiresAt);
    const { shared, archived } = await deps.directory.channel(record.channel);
    if (shared || archived) await closeChannel(deps, record.channel);
  }
  await deps.queues.sync(record.id, true);
}

export const noLongerCounted = (vote: Approval): NewMilestone => ({
  kind: 'notice',
  by: vote.by,
  text: 'Slack was asked once more who may approve. No longer counted: the vote',
});
