/**
 * Waits until a condition holds, asking again every few milliseconds.
 * @throws with `what` in words when it does not hold within `withinMs` (5 s).
 */
export async function until<T>(
  condition: () => Promise<T> | T,
  options: { what: string; withinMs?: number; everyMs?: number },
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const deadline = performance.now() + (options.withinMs ?? 5_000);
  for (;;) {
    const answer = await condition();
    if (answer) return answer as Exclude<T, undefined | null | false | 0 | ''>;
    if (performance.now() > deadline) throw new Error(`did not happen within ${options.withinMs ?? 5_000} ms: ${options.what}`);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 10));
  }
}
