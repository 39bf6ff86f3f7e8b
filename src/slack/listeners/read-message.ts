/** What a message says about an app and an environment, among names that may be told. */
export interface Named {
  app?: string;
  environment?: string;
}

/** Fields in which messages, their blocks and their attachments hold words; a button's value or a URL says nothing to a person. */
const WORDS = new Set(['text', 'fallback', 'pretext', 'title', 'value', 'footer', 'author_name', 'name', 'alt_text']);
const DEEPEST = 12;
const LONGEST = 20_000;

/** Everything that can be read on a message, in order: its text, then blocks and attachments, which is where CI bots write. */
export function wordsOn(message: { text?: string | undefined; blocks?: unknown; attachments?: unknown }): string {
  const found: string[] = [message.text ?? ''];
  const walk = (value: unknown, depth: number): void => {
    if (depth > DEEPEST || typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) return value.forEach((each) => walk(each, depth + 1));
    const isButton = 'action_id' in value;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'string') {
        if (WORDS.has(key) && !(isButton && key === 'value')) found.push(inner);
      } else walk(inner, depth + 1);
    }
  };
  walk(message.blocks, 0);
  walk(message.attachments, 0);
  return found.join('\n').slice(0, LONGEST).replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}

export interface Names {
  apps: readonly string[];
  environments: readonly string[];
  aliases?: Readonly<Record<string, string>>;
}

/**
 * The one app and the one environment that stand in the text. Where there are several, the one pair that is said as such ("my-app in prod",
 * "my-app:v2 to prod", "/repull my-app prod"); else nothing, because it never guesses.
 */
export function namedIn(text: string, names: Names): Named {
  const words = wordsOf(text);
  const apps = new Map(names.apps.map((name) => [name.toLowerCase(), names.aliases?.[name] ?? name]));
  const environments = new Map(names.environments.map((name) => [name.toLowerCase(), name]));
  const hits = (known: ReadonlyMap<string, string>): string[] => [
    ...new Set(words.flatMap((word) => (known.has(word.text) ? [known.get(word.text) ?? ''] : []))),
  ];
  const [app, otherApp] = hits(apps);
  const [environment, otherEnvironment] = hits(environments);
  if (otherApp === undefined && otherEnvironment === undefined) return named(app, environment);
  const pairs = new Set(pairsIn(words, apps, environments));
  const [pair] = pairs;
  if (pair !== undefined && pairs.size === 1) return named(...(pair.split(' ') as [string, string]));
  return named(otherApp === undefined ? app : undefined, otherEnvironment === undefined ? environment : undefined);
}

const named = (app: string | undefined, environment: string | undefined): Named => ({
  ...(app === undefined ? {} : { app }),
  ...(environment === undefined ? {} : { environment }),
});

interface Word {
  text: string;
  /** What stands between it and the word before, of the same line. */
  after: string;
}

/** `registry/shop/my-app:v2` holds the word my-app; so do `*my-app*` and `my-app.` */
function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let end = 0;
  for (const match of text.toLowerCase().matchAll(/[a-z0-9][a-z0-9._-]*/g)) {
    const word = match[0].replace(/[._-]+$/, '');
    words.push({ text: word, after: text.slice(end, match.index) });
    end = match.index + word.length;
  }
  return words;
}

/** `my-app and cache in prod` says nothing about cache alone. */
const LISTS = new Set(['and', 'or', 'und', 'oder']);
const AMBIGUOUS = '? ?';
const JOINS = new Set(['in', 'to', 'on', 'into', 'onto', 'for', 'at']);

/** `app` and `environment` with a joining word between them, or an arrow, or as a command; a tag or a digest may follow the app. */
function pairsIn(words: readonly Word[], apps: ReadonlyMap<string, string>, environments: ReadonlyMap<string, string>): string[] {
  return words.flatMap((word, at) => {
    const app = apps.get(word.text);
    if (app === undefined) return [];
    let next = at + 1;
    if (/^[:@]$/.test(words[next]?.after ?? '')) next += /^@$/.test(words[next]?.after ?? '') ? 2 : 1;
    const joined = JOINS.has(words[next]?.text ?? '') && !(words[next]?.after ?? '').includes('\n');
    const environment = environments.get(words[joined ? next + 1 : next]?.text ?? '');
    if (environment === undefined) return [];
    const between = words[joined ? next + 1 : next]?.after ?? '';
    const isCommand = words[at - 1]?.text === 'repull' && /^[ \u00a0]+$/.test(between);
    const isArrow = /^\W*(?:→|->|>|➜|⇒|=>)\W*$/.test(between);
    if (!((joined && !between.includes('\n')) || isCommand || isArrow)) return [];
    const isListed = LISTS.has(words[at - 1]?.text ?? '') || (/[,&+/|]\s*$/.test(word.after) && apps.has(words[at - 1]?.text ?? ''));
    return isListed ? [`${app} ${environment}`, AMBIGUOUS] : [`${app} ${environment}`];
  });
}
