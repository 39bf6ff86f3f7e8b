/**
 * Request ids: `0VKZ4C-7QXM`, ten characters of Crockford's base 32 (digits and capitals without I, L, O, U, which are misread or misheard).
 * The first six are the seconds since 2025-01-01, so ids sort by time for 34 years; the last four are chance, one in a million
 * within the same second. The store refuses an id that is in use.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const EPOCH_MS = Date.UTC(2025, 0, 1);
const TIME = 6;
const CHANCE = 4;

function encode(value: number, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i++, rest = Math.floor(rest / 32)) text = ALPHABET.charAt(rest % 32) + text;
  return text;
}

/**
 * @param nowMs Redis TIME, so that ids of several bots sort alike.
 * @param random 0 ≤ n < 1
 */
export function newId(nowMs: number, random: () => number): string {
  const seconds = Math.max(0, Math.floor((nowMs - EPOCH_MS) / 1000));
  return `${encode(seconds, TIME)}-${encode(Math.floor(random() * 32 ** CHANCE), CHANCE)}`;
}

/** The id that somebody typed or read aloud: any case, with or without the dash, O for 0, I or L for 1. Undefined where it cannot be one. */
export function readId(text: string): string | undefined {
  const plain = text.trim().toUpperCase().replaceAll('-', '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  if (plain.length !== TIME + CHANCE || !new RegExp(`^[${ALPHABET}]+$`).test(plain)) return undefined;
  return `${plain.slice(0, TIME)}-${plain.slice(TIME)}`;
}
