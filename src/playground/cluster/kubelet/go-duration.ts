/** Milliseconds as Go prints a duration: `17ms`, `1.207s`, `1m2.5s`. */
export function goDuration(milliseconds: number): string {
  const whole = Math.max(1, Math.floor(milliseconds));
  if (whole < 1000) return `${whole}ms`;
  const seconds = whole / 1000;
  if (seconds < 60) return `${seconds}s`;
  const rest = Math.round((seconds % 60) * 1000) / 1000;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m${rest}s` : `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}s`;
}

/** `3s`, `500ms`, `1m30s` as milliseconds; 0 for anything else, as the test app does. */
export function parseGoDuration(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return 0;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, number, unit = '']) => sum + Number(number) * (units[unit] ?? 0),
    0,
  );
}
