import type { ParseContext } from '../command/command.ts';
import { nameHint } from '../command/name-hint.ts';
import type { RequestRecord } from '../domain/request.ts';
import { namesOf, visibleApps, visibleEnvironments } from '../domain/visible.ts';
import type { Answer } from './answers.ts';
import type { Inquiry } from './ports-slack.ts';
import { whoAndWhere, type BotDeps, type Who } from './bot-deps.ts';

/** What suggestions may be made from: only names that this person may see here. */
export function contextFor(deps: BotDeps, who: Who, isMention: boolean): ParseContext {
  const policy = deps.policy();
  return {
    source: isMention ? 'mention' : 'slash',
    prefix: isMention ? '@repull' : '/repull',
    me: deps.me,
    apps: namesOf(visibleApps(policy, who.actor, who.place)),
    environments: visibleEnvironments(policy, who.actor, who.place).map((each) => each.name),
  };
}

/** Nothing in the cluster has that name: it may be a typo. */
export const isUnknownName = (answer: Answer | undefined): boolean =>
  answer?.kind === 'failure' && answer.failure.code === 'unknown-workload';

/** The same for a `check` or a `--dry-run` of what nothing in the cluster has the name of. */
export async function hintForInquiry(deps: BotDeps, { ask, kind, requester, team, listener }: Inquiry): Promise<Answer | undefined> {
  const { channel, thread } = listener;
  if (kind === 'dry-run')
    return hintFor(deps, {
      ask: { ...ask, dryRun: true },
      requester,
      team: team ?? '',
      channel,
      ...(thread === undefined ? {} : { thread }),
    });
  const context = contextFor(deps, await whoAndWhere(deps, requester, team ?? '', channel), thread !== undefined);
  const hint = nameHint({ verb: 'check', app: ask.app, environment: ask.environment }, context);
  return hint === undefined ? undefined : { kind: 'usage', ...hint };
}

/** For a request that ended because its app or environment is not there, or not this person's: the corrected line, if it was a typo. */
export async function hintFor(
  deps: BotDeps,
  record: Pick<RequestRecord, 'ask' | 'requester' | 'team' | 'channel' | 'thread'>,
): Promise<Answer | undefined> {
  const { ask } = record;
  const who = await whoAndWhere(deps, record.requester, record.team, record.channel);
  const context = contextFor(deps, who, record.thread !== undefined);
  const { app, environment, via, force, forceDelete, dryRun, tag, image, container, pod, reason, now, override } = ask;
  const given = Object.fromEntries(
    Object.entries({ tag, image, container, pod, reason, now, override }).filter(([, value]) => value !== undefined),
  );
  const command =
    ask.kind === 'rollback'
      ? { verb: 'rollback' as const, app, environment, ...(reason === undefined ? {} : { reason }) }
      : { verb: 'repull' as const, app, environment, options: { via, force, forceDelete, dryRun, ...given } };
  const hint = nameHint(command, context);
  return hint === undefined ? undefined : { kind: 'usage', ...hint };
}
