/**
 * Reports each kind of error (its first 40 characters) at most once in `everyMs`, with how many were left out since the last time:
 * a Redis that is away says so many times a second.
 */
export function sampled(
  report: ((error: Error, unreported: number) => void) | undefined,
  everyMs = 1_000,
  now: () => number = Date.now,
): (error: Error) => void {
  const seen = new Map<string, { at: number; unreported: number }>();
  return (error) => {
    const kind = error.message.slice(0, 40);
    const last = seen.get(kind);
    if (last !== undefined && now() - last.at < everyMs) {
      last.unreported += 1;
      return;
    }
    // Kinds are few; a message that begins with a counter must not make this grow for ever.
    if (seen.size > 100) seen.clear();
    seen.set(kind, { at: now(), unreported: 0 });
    report?.(error, last?.unreported ?? 0);
  };
}
