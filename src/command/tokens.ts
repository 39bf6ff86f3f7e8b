export interface Token {
  /** The word, or for `--tag=v2` what stands before the sign. */
  readonly text: string;
  /** Began with a quote, so it is a value, whatever it looks like. */
  readonly quoted: boolean;
  /** Only of a flag: what stands after `=`. */
  readonly value?: string;
}

export type Tokens = { ok: true; tokens: Token[] } | { ok: false; unclosed: string };

/** A run of hyphens and dashes; with an em dash or an en dash in it, it is what a phone makes of two hyphens. */
const DASHES = /[-–—―]+/g;
const undash = (run: string): string => (/[–—―]/.test(run) ? '--' : run);

/**
 * Words of a normalised line. Quotes may begin a word or the value of a flag; elsewhere they are letters (don't). Within double quotes
 * `\"` and `\\` stand for themselves. Outside quotes a long dash is two hyphens and backticks are dressing.
 */
export function tokenise(line: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    if (line[at] === ' ') {
      at += 1;
      continue;
    }
    const begin = at;
    let text = '';
    let value: string | undefined;
    const quoted = isQuote(line[at]);
    while (at < line.length && line[at] !== ' ') {
      const isValueStart = value === '' && line[at - 1] === '=';
      if (isQuote(line[at]) && (at === begin || isValueStart || (quoted && line[at] === '"'))) {
        const part = readQuoted(line, at);
        if (part === undefined) return { ok: false, unclosed: line[at] ?? '"' };
        at = part.next;
        if (value === undefined) text += part.text;
        else value += part.text;
        continue;
      }
      const run = readPlain(line, at, !quoted && value === undefined);
      at = run.next;
      if (value === undefined) text += run.text;
      else value += run.text;
      if (run.assigns && isFlagLike(text)) value = '';
      else if (run.assigns) text += '=';
    }
    if (text !== '' || quoted) tokens.push({ text, quoted, ...(value === undefined ? {} : { value }) });
  }
  return { ok: true, tokens };
}

export const isFlagLike = (text: string): boolean => text.length > 1 && text.startsWith('-');

const isQuote = (character: string | undefined): boolean => character === '"' || character === "'";

function readQuoted(line: string, from: number): { text: string; next: number } | undefined {
  const quote = line[from];
  let text = '';
  for (let at = from + 1; at < line.length; at += 1) {
    const character = line[at] ?? '';
    const following = line[at + 1];
    if (character === quote) return { text, next: at + 1 };
    if (quote === '"' && character === '\\' && (following === '"' || following === '\\')) {
      text += following;
      at += 1;
    } else text += character;
  }
  return undefined;
}

/** Up to a space, or up to and with the first `=` where that may split a flag from its value, or up to a quote that continues a quoted word. */
function readPlain(line: string, from: number, mayAssign: boolean): { text: string; next: number; assigns: boolean } {
  let at = from + 1;
  while (at < line.length && line[at] !== ' ' && line[at] !== '"' && !(mayAssign && line[at - 1] === '=')) at += 1;
  const raw = line.slice(from, at);
  const assigns = mayAssign && raw.endsWith('=');
  const text = (assigns ? raw.slice(0, -1) : raw).replace(DASHES, undash).replaceAll('`', '');
  return { text, next: at, assigns };
}

/** The word as it must be typed to be read as this value again. */
export function quote(text: string): string {
  if (/^[A-Za-z0-9_./:@+,%|#~^][A-Za-z0-9_./:@+,%|#~^=-]*$/.test(text)) return text;
  return `"${text.replace(/[\\"]/g, (character) => `\\${character}`)}"`;
}

export const printTokens = (tokens: readonly Token[]): string =>
  tokens
    .map((token) => {
      if (token.value !== undefined) return `${token.text}=${quote(token.value)}`;
      return !token.quoted && isFlagLike(token.text) ? token.text : quote(token.text);
    })
    .join(' ');
