import type { Command } from '../command/command.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import type { Call } from './run-command.ts';

const LOOKING: readonly string[] = ['status', 'history', 'show', 'can-i', 'apps', 'envs', 'help', 'modal'] satisfies Command['verb'][];

/** Every denial is on record: that of a request in the history, of anything else that was to be done in the audit stream. A refused cancel stands with its request. */
export async function noteAttempt(deps: BotDeps, call: Call, command: Command, answer: Answer | undefined): Promise<void> {
  if (answer?.kind !== 'denied' || answer.decision.verdict !== 'deny') return;
  if (command.verb === 'cancel' || LOOKING.includes(command.verb)) return;
  const names = [...('app' in command ? [command.app] : []), ...('environment' in command ? [command.environment] : [])];
  const about = names.length === 0 ? call.listener.channel : names.join(' in ');
  const what = command.verb === 'incident' ? `incident ${command.on ? 'on' : 'off'}` : command.verb;
  await deps.switches.denied({ about, by: call.user, because: `${what} denied: ${answer.decision.because.code}` }, call.key);
}
