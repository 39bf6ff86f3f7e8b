import { formatDuration } from '../domain/duration.ts';
import { formatClock } from '../domain/local-time.ts';
import { formatWorkloadName } from '../domain/workload-name.ts';
import type { Command, RepullOptions } from './command.ts';
import { isTypedVerb } from './grammar.ts';
import { quote } from './tokens.ts';

/** The line that, typed, is this command again. */
export function printCommand(command: Command, prefix = '/repull'): string {
  return [prefix, ...wordsOf(command)].join(' ');
}

function wordsOf(command: Command): string[] {
  switch (command.verb) {
    case 'repull':
      return [appWord(command.app), quoteWord(command.environment), ...optionWords(command.options).map(quoteWord)];
    case 'check':
    case 'rollback':
    case 'can-i':
      return [command.verb, command.app, command.environment, ...extras(command)].map(quoteWord);
    case 'status':
      return [command.verb, command.app, command.environment].filter((each) => each !== undefined);
    case 'history':
      return [
        ...[command.verb, command.app, command.environment].filter((each) => each !== undefined),
        ...(command.user === undefined ? [] : ['--user', command.user === 'me' ? 'me' : `@${command.user}`]),
        ...(command.result === undefined ? [] : ['--result', command.result]),
        ...(command.before === undefined ? [] : ['--before', command.before]),
      ];
    case 'show':
    case 'cancel':
      return [command.verb, command.id];
    case 'freeze':
      return [command.verb, command.environment, `"${command.reason.replace(/[\\"]/g, (each) => `\\${each}`)}"`, ...lasting(command.forMs)];
    case 'unfreeze':
      return [command.verb, command.environment];
    case 'incident':
      return [command.verb, command.on ? 'on' : 'off', ...lasting(command.forMs)];
    case 'help':
      return [command.verb, ...(command.about === undefined ? [] : [command.about])];
    case 'apps':
    case 'envs':
      return [command.verb];
    case 'modal':
      return [];
  }
}

/** An app that is called like a command. */
const appWord = (app: string): string => (isTypedVerb(app) ? `"${app}"` : quoteWord(app));
const quoteWord = (text: string): string => (/^--[a-z-]+$/.test(text) ? text : quote(text));
const lasting = (ms: number | undefined): string[] => (ms === undefined ? [] : ['--for', formatDuration(ms)]);

function extras(command: Extract<Command, { verb: 'check' | 'rollback' | 'can-i' }>): string[] {
  if (command.verb === 'can-i') return command.about === undefined ? [] : [command.about];
  return command.verb === 'rollback' && command.reason !== undefined ? ['--reason', command.reason] : [];
}

function optionWords(options: RepullOptions): string[] {
  const words: string[] = [];
  const add = (flag: string, text: string | undefined): void => {
    if (text !== undefined) words.push(flag, text);
  };
  add('--tag', options.tag);
  add('--image', options.image);
  if (options.via === 'pin') words.push('--pin');
  const isImplied = options.via === 'set-image' || (options.via === 'evict' && (options.pod !== undefined || options.forceDelete));
  if (options.via !== 'auto' && options.via !== 'pin' && !isImplied) words.push('--via', options.via);
  add('--workload', options.workload && formatWorkloadName(options.workload));
  add('--container', options.container);
  add('--pod', options.pod);
  add('--reason', options.reason);
  add('--at', options.at && (options.at.kind === 'window' ? 'window' : `${options.at.date} ${formatClock(options.at.minutes)}`));
  if (options.dryRun) words.push('--dry-run');
  if (options.force) words.push('--force');
  if (options.now === true) words.push('--now');
  if (options.override === true) words.push('--override');
  if (options.forceDelete) words.push('--force-delete');
  return words;
}
