import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../command/command.ts';
import { nameHint } from '../command/name-hint.ts';
import { parse } from '../command/parse.ts';
import { decide } from '../domain/decide.ts';
import { visibleEnvironments } from '../domain/visible.ts';
import type { Answer } from './answers.ts';
import { askHistory, askShow, askStatus } from './ask-requests.ts';
import { askApps, askCanI, askEnvironments, askHelp } from './ask-policy.ts';
import { whoAndWhere, type BotDeps, type Who } from './bot-deps.ts';
import { cancelByCommand } from './cancel.ts';
import { contextFor } from './name-hints.ts';
import { noteAttempt } from './note-attempt.ts';
import type { Intake } from './ports.ts';
import type { Listener } from './ports-slack.ts';
import { requestRepull } from './request-repull.ts';
import { rollBackLast } from './request-rollback.ts';
import { bindIncident, freeze, unbindIncident, unfreeze } from './switch.ts';

type CommandIntake = Extract<Intake, { kind: 'command' }>;

/** Who asks, from where, and under which key it is done once. */
export interface Call extends Who {
  user: string;
  team: string;
  listener: Listener;
  key: string;
}

export async function runCommand(deps: BotDeps, intake: CommandIntake, key: string): Promise<void> {
  const who = await whoAndWhere(deps, intake.user, intake.team, intake.channel);
  const call: Call = { ...who, user: intake.user, team: intake.team, listener: listenerOf(intake), key };
  const context = contextFor(deps, who, intake.mention === true);
  const parsed = parse(intake.text, context);
  if ('ignore' in parsed) return;
  if ('wrong' in parsed) return tell(deps, call, { kind: 'usage', ...parsed });
  const answer = nothingToList(deps, call, parsed) ?? (await run(deps, call, parsed));
  await noteAttempt(deps, call, parsed, answer);
  const hint = answer?.kind === 'denied' ? nameHint(parsed, context) : undefined;
  if (answer !== undefined) await tell(deps, call, hint === undefined ? answer : { kind: 'usage', ...hint });
}

const listenerOf = (intake: CommandIntake): Listener => ({
  channel: intake.channel,
  user: intake.user,
  ...(intake.thread === undefined ? {} : { thread: intake.thread }),
  ...(intake.handle === undefined ? {} : { handle: intake.handle }),
});

const LISTS: readonly string[] = ['status', 'history', 'apps', 'envs'] satisfies Command['verb'][];

/** To somebody who may see nothing here a list would be empty, and "nothing is running" untrue: they are told why. */
function nothingToList(deps: BotDeps, call: Call, { verb }: Command): Answer | undefined {
  if (!LISTS.includes(verb) || visibleEnvironments(deps.policy(), call.actor, call.place).length > 0) return undefined;
  const decision = decide(deps.policy(), call.actor, call.place, 'view', { app: '*', environment: '*' });
  return decision.verdict === 'deny' ? { kind: 'denied', decision, app: '*', environment: '*' } : undefined;
}

/** One line per verb. An answer is told at once; `undefined` means that a card or a later answer follows. */
function run(deps: BotDeps, call: Call, command: Command): Promise<Answer | undefined> {
  switch (command.verb) {
    case 'repull':
      return requestRepull(deps, call, command);
    case 'check':
      return requestRepull(
        deps,
        call,
        {
          verb: 'repull',
          app: command.app,
          environment: command.environment,
          options: { via: 'auto', dryRun: false, force: false, forceDelete: false },
        },
        'check',
      );
    case 'rollback':
      return rollBackLast(deps, call, command);
    case 'status':
      return askStatus(deps, call, command);
    case 'history':
      return askHistory(deps, call, command);
    case 'show':
      return askShow(deps, call, command.id);
    case 'cancel':
      return cancelByCommand(deps, call, command.id);
    case 'freeze':
      return freeze(deps, call, command);
    case 'unfreeze':
      return unfreeze(deps, call, command.environment);
    case 'incident':
      return command.on ? bindIncident(deps, call, command.forMs) : unbindIncident(deps, call);
    case 'can-i':
      return askCanI(deps, call, command);
    case 'apps':
      return askApps(deps, call);
    case 'envs':
      return askEnvironments(deps, call);
    case 'help':
    case 'modal':
      // In a thread slash commands do not work, so what stands there to copy is a mention.
      return askHelp(command.verb === 'help' ? command.about : undefined, call.listener.thread === undefined ? '/repull' : '@repull');
  }
}

/** A person waits: a Slack that is busy or loses the answer is asked again, for as long as an answer is still one (milliseconds). */
const TELL_WITHIN = 15_000;
const TELL_AGAIN = 1_000;

export async function tell(deps: BotDeps, call: Pick<Call, 'listener'>, answer: Answer): Promise<void> {
  for (let waited = 0; ; ) {
    const result = await deps.channel.tell(call.listener, answer);
    if (result.ok) return;
    const pause = result.because === 'rate-limited' ? result.retryAfterMs : TELL_AGAIN;
    const isHopeless = result.because !== 'rate-limited' && result.because !== 'unknown';
    if (isHopeless || waited + pause > TELL_WITHIN)
      return deps.log.warn({ channel: call.listener.channel, because: result.because }, 'an answer could not be shown');
    await sleep(pause);
    waited += pause;
  }
}
