import { printCommand } from '../command/print.ts';
import type { At, Command } from '../command/command.ts';
import { formatClock, readWall, wallText } from '../domain/local-time.ts';
import type { Environment } from '../domain/policy.ts';
import type { Ask } from '../domain/request.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';

type RepullCommand = Extract<Command, { verb: 'repull' }>;

/** `--at` as instants, or why it cannot be one: a time is read on the wall of the environment's zone, never guessed, and never in the past. */
export async function readSchedule(
  deps: BotDeps,
  command: RepullCommand,
  environment: Environment,
): Promise<Pick<Ask, 'at' | 'atLocal'> | Extract<Answer, { kind: 'usage' }>> {
  const { at } = command.options;
  if (at === undefined) return {};
  if (at.kind === 'window') return { at: 'window' };
  const { zone } = environment;
  const typed = `${at.date} ${formatClock(at.minutes)}`;
  const wall = readWall(zone, at.date, at.minutes, deps.zoned);
  const now = await deps.store.now();
  if (wall.is === 'never') return { kind: 'usage', wrong: `There is no ${typed}.` };
  if (wall.is === 'skipped') {
    const next = wallText(wall.next, zone, deps.zoned);
    return {
      kind: 'usage',
      wrong: `${typed} does not exist in ${zone}, the zone of ${environment.name}: its clocks go forward over it, to ${next.slice(-5)}.`,
      corrected: printCommand({ ...command, options: { ...command.options, at: timeOf(next) } }),
    };
  }
  if (wall.at <= now)
    return {
      kind: 'usage',
      wrong: `${typed} has passed in ${zone}, the zone of ${environment.name}: it is ${wallText(now, zone, deps.zoned)} there.`,
      corrected: printCommand({ ...command, options: { ...command.options, at: { kind: 'window' } } }),
    };
  return { at: wall.at, atLocal: `${typed} ${zone}${wall.is === 'twice' ? ', the first of two, because clocks go back' : ''}` };
}

const timeOf = (text: string): At => {
  const [date = '', clock = ''] = text.split(' ');
  const [hours, minutes] = clock.split(':').map(Number);
  return { kind: 'time', date, minutes: (hours ?? 0) * 60 + (minutes ?? 0) };
};
