/** Pure: what the composer offers for what stands before the cursor. */
import type { CommandHints } from '../../page-server/wire.ts';

interface Completion {
  /** What replaces `from` to the cursor. */
  insert: string;
  title: string;
  about: string;
}
export interface Completions {
  /** Where the word that is being completed begins. */
  from: number;
  heading: string;
  items: Completion[];
  /** The whole line of usage, shown above the composer. */
  usage?: string;
}

export interface Mentionable {
  name: string;
  about: string;
}

const startsWith = (name: string, typed: string): boolean => name.toLowerCase().startsWith(typed.toLowerCase());

const wordFrom = (text: string): number => text.search(/\S*$/);

export function complete(text: string, hints: CommandHints, people: Mentionable[], inThread: boolean): Completions | undefined {
  const command = /^(\/repull|@repull)(\s[\s\S]*)?$/.exec(text);
  if (!inThread && /^\/\w*$/.test(text) && startsWith('/repull', text)) {
    return {
      from: 0,
      heading: 'Commands',
      items: [{ insert: '/repull ', title: '/repull', about: 'Make a workload fetch its image again' }],
    };
  }
  if (command?.[2] !== undefined) return completeCommand(text, command[2], hints);
  const mention = /(^|\s)@([\w.-]*)$/.exec(text);
  if (mention) {
    const typed = mention[2] ?? '';
    const items = people
      .filter((one) => startsWith(one.name, typed))
      .map((one) => ({ insert: `@${one.name} `, title: `@${one.name}`, about: one.about }));
    if (items.length > 0) return { from: text.length - typed.length - 1, heading: 'People', items };
  }
  return undefined;
}

function completeCommand(text: string, rest: string, hints: CommandHints): Completions | undefined {
  const from = wordFrom(text);
  const typed = text.slice(from);
  const words = rest
    .slice(0, rest.length - typed.length)
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const verb = hints.verbs.find((one) => one.name === words[0]);
  const usage = verb?.usage ?? hints.usage;
  const places = words.filter((word) => !word.startsWith('-')).slice(verb ? 1 : 0);
  const list = (heading: string, items: Completion[]): Completions => ({ from, heading, items, usage });

  if (words.length === 0) {
    return list('What', [
      ...hints.apps
        .filter((app) => startsWith(app.name, typed))
        .map((app) => ({ insert: `${app.name} `, title: app.name, about: `app in ${app.environments.join(', ')}` })),
      ...hints.verbs
        .filter((one) => startsWith(one.name, typed))
        .map((one) => ({ insert: `${one.name} `, title: one.name, about: one.about })),
    ]);
  }
  if (typed.startsWith('-')) {
    return list(
      'Options',
      hints.flags
        .filter((flag) => startsWith(flag.name, typed))
        .map((flag) => ({ insert: `${flag.name} `, title: `${flag.name}${flag.value ? ` ${flag.value}` : ''}`, about: flag.about })),
    );
  }
  const wantsApp = verb !== undefined && /<app>|\[app\]/.test(verb.usage);
  const wantsEnvironment = verb === undefined || /<env>|\[env\]/.test(verb.usage);
  if (wantsApp && places.length === 0) {
    return list(
      'Apps',
      hints.apps
        .filter((app) => startsWith(app.name, typed))
        .map((app) => ({ insert: `${app.name} `, title: app.name, about: `in ${app.environments.join(', ')}` })),
    );
  }
  const environmentPlace = verb === undefined || wantsApp ? 1 : 0;
  if (wantsEnvironment && places.length === environmentPlace) {
    const app = hints.apps.find((one) => one.name === places[0]);
    const names = app?.environments ?? hints.environments;
    const hits = names.filter((name) => startsWith(name, typed));
    return list(
      'Environments',
      hits.map((name) => ({ insert: `${name} `, title: name, about: 'environment' })),
    );
  }
  return { from, heading: '', items: [], usage };
}
