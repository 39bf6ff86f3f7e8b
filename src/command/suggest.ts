/** A longer word is not looked at: it is no typo of a name, and the table below grows with its length. */
const LONGEST = 64;

/** The candidates that may have been meant, best first, at most `limit`. Empty where nothing is near: a far guess is worse than none. */
export function closestFew(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const typed = word.toLowerCase();
  if (typed === '' || typed.length > LONGEST) return [];
  const near = new Map<string, number>();
  for (const candidate of candidates) {
    const distance = distanceTo(typed, candidate.toLowerCase());
    if (distance !== undefined) near.set(candidate, distance);
  }
  return [...near]
    .toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([candidate]) => candidate);
}

/** The one that is nearer than every other; undefined where two are equally near, because then it would be a guess. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const [best, second] = closestFew(word, candidates, 2);
  if (best === undefined || second === undefined) return best;
  const typed = word.toLowerCase();
  return distanceTo(typed, best.toLowerCase()) === distanceTo(typed, second.toLowerCase()) ? undefined : best;
}

/** Undefined: too far apart to be the same word. A third of its letters may be wrong; a beginning of three letters counts as near. */
function distanceTo(typed: string, candidate: string): number | undefined {
  if (candidate.length > LONGEST) return undefined;
  const allowed = Math.min(3, Math.max(1, Math.floor(Math.max(typed.length, candidate.length) / 3)));
  if (Math.abs(typed.length - candidate.length) <= allowed) {
    const distance = editDistance(typed, candidate);
    // Two letters that share none are one edit apart from everything; that says nothing.
    if (distance <= allowed && distance < Math.max(typed.length, candidate.length)) return distance;
  }
  return typed.length >= 3 && candidate.startsWith(typed) ? 3.5 : undefined;
}

/** Letters put in, left out, changed or swapped with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(changed, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
