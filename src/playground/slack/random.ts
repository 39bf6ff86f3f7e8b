/** Everything random comes from one seed, so that a failing run can be run again. */
export interface Random {
  /** 0 ≤ n < below, whole. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T | undefined;
  /** `prefix` and so many characters of `A-Z0-9`. */
  id(prefix: string, length: number): string;
  hex(length: number): string;
}

const CAPITALS = 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789';
const HEX = '0123456789abcdef';

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  /** mulberry32: small, and good enough to choose connections and ids. */
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const letters = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join('');
  return {
    below,
    pick: (from) => from[below(from.length)],
    id: (prefix, length) => prefix + letters(CAPITALS, length),
    hex: (length) => letters(HEX, length),
  };
}
