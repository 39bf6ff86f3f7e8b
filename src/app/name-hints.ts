import type { ParseContext } from '../command/command.ts';
import { nameHint } from '../command/name-hint.ts';
import type { RequestRecord } from '../domain/request.ts';
import { namesOf, visibleApps, visibleEnvironments } from '../domain/visible.ts';
import type { Answer } from './answers.ts';
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

/** For a request that ended because its app or environment is not there, or not this person's: the corrected line, if it was a typo. */
export async function hintFor(deps: BotDeps, record: RequestRecord): Promise<Answer | undefined> {
  const { ask } = record;
  const who = await whoAndWhere(deps, record.requester, record.team, record.channel);
  const context = contextFor(deps, who, record.thread !== undefined);
  const { app, environment, via, force, forceDelete, dryRun, tag, image, container, pod, reason, now, override } = ask;
  const given = Object.fromEntries(
    Object.entries({ tag, image, container, pod, reason, now, override }).filter(([, value]) => value !== undefined),
  );
  const hint = nameHint({ verb: 'repull', app, environment, options: { via, force, forceDelete, dryRun, ...given } }, context);
  return hint === undefined ? undefined : { kind: 'usage', ...hint };
}
