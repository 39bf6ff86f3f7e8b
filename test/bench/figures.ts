/** Figures of one series, milliseconds. */
export interface Figures {
  n: number;
  p50: number;
  p95: number;
  max: number;
}

export function figures(values: readonly number[]): Figures {
  if (values.length === 0) throw new Error('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** Columns as wide as they must be; numbers to the right. */
export function table(title: string, rows: readonly Record<string, string | number>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = (value: string | number | undefined): string =>
    typeof value === 'number' ? (Number.isInteger(value) ? String(value) : value.toFixed(1)) : (value ?? '');
  const width = (column: string): number => Math.max(column.length, ...rows.map((row) => text(row[column]).length));
  const line = (cells: (string | number | undefined)[]): string =>
    cells
      .map((cell, n) =>
        typeof cell === 'number' ? text(cell).padStart(width(columns[n] ?? '')) : text(cell).padEnd(width(columns[n] ?? '')),
      )
      .join('  ');
  return [title, line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('\n');
}

/** `{ a: 2, b: 1 }`, most first. */
export function counted<T>(items: Iterable<T>, by: (item: T) => string): { what: string; calls: number }[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(by(item), (counts.get(by(item)) ?? 0) + 1);
  return [...counts].map(([what, calls]) => ({ what, calls })).toSorted((a, b) => b.calls - a.calls || a.what.localeCompare(b.what));
}
