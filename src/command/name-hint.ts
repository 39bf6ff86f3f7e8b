import type { Command, ParseContext, Reply } from './command.ts';
import type { Verb } from './grammar.ts';
import { TYPED_VERBS } from './grammar.ts';
import { printCommand } from './print.ts';
import { closest } from './suggest.ts';
import { usageLine } from './usage.ts';

/**
 * For a command that was understood and then denied, or whose app was not found: is it a typo? Looks only at what the caller may see, so
 * the answer is the same for what is forbidden and what does not exist. Undefined: the names are fine, or the caller sees nothing here.
 */
export function nameHint(command: Command, context: ParseContext): Reply | undefined {
  if (command.verb === 'modal') return undefined;
  const app = 'app' in command ? command.app : undefined;
  const environment = 'environment' in command ? command.environment : undefined;
  const isAppKnown = app === undefined || context.apps.includes(app);
  const isEnvironmentKnown = environment === undefined || context.environments.includes(environment);
  if ((isAppKnown && isEnvironmentKnown) || context.environments.length === 0) return undefined;
  const hint = (wrong: string, corrected?: string): Reply => ({
    wrong,
    ...(corrected === undefined ? {} : { corrected }),
    usage: usageLine(command.verb as Verb, context.prefix),
  });
  if (app !== undefined && environment !== undefined && context.environments.includes(app) && context.apps.includes(environment)) {
    return hint('The app comes first, then the environment.', reprint(command, { app: environment, environment: app }, context));
  }
  const mistyped = verbMeant(command, context);
  if (mistyped !== undefined)
    return hint(`There is no app "${app}" that you may see here; did you mean the command ${mistyped.verb}?`, mistyped.line);
  const meantApp = isAppKnown ? app : closest(app, context.apps);
  const meantEnvironment = isEnvironmentKnown ? environment : closest(environment, context.environments);
  const isWhole = (app === undefined || meantApp !== undefined) && (environment === undefined || meantEnvironment !== undefined);
  const corrected = isWhole
    ? reprint(command, { ...named('app', meantApp), ...named('environment', meantEnvironment) }, context)
    : undefined;
  const wrong = [
    ...(isAppKnown ? [] : [unknown('app', app, meantApp, context.apps)]),
    ...(isEnvironmentKnown ? [] : [unknown('environment', environment, meantEnvironment, context.environments)]),
  ];
  return hint(wrong.join(' '), corrected);
}

function unknown(what: 'app' | 'environment', name: string, meant: string | undefined, known: readonly string[]): string {
  const sentence = `There is no ${what} "${name}" that you may see here`;
  if (meant !== undefined) return `${sentence}; did you mean ${meant}?`;
  return known.length === 0
    ? `${sentence}.`
    : `${sentence}. You may see: ${known.slice(0, 10).join(', ')}${known.length > 10 ? ', …' : ''}.`;
}

const named = <K extends string>(key: K, name: string | undefined): { [P in K]?: string } =>
  name === undefined ? {} : ({ [key]: name } as { [P in K]?: string });

const reprint = (command: Command, names: { app?: string; environment?: string }, context: ParseContext): string =>
  printCommand({ ...command, ...names } as Command, context.prefix);

/** `stauts prod` is a well-formed request for an app of that name; nobody has one, and a command is near. */
function verbMeant(command: Command, context: ParseContext): { verb: string; line: string } | undefined {
  if (command.verb !== 'repull' || context.apps.includes(command.app)) return undefined;
  const meant = closest(command.app, [...TYPED_VERBS, ...context.apps]);
  const verb = TYPED_VERBS.find((each) => each === meant);
  const { environment } = command;
  switch (verb) {
    case 'status':
    case 'history':
      return {
        verb,
        line: printCommand(context.environments.includes(environment) ? { verb, environment } : { verb, app: environment }, context.prefix),
      };
    case 'unfreeze':
      return { verb, line: printCommand({ verb, environment }, context.prefix) };
    case 'show':
    case 'cancel':
      return { verb, line: printCommand({ verb, id: environment }, context.prefix) };
    default:
      return undefined;
  }
}
