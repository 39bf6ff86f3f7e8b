import type { RawSelector } from './raw.ts';

/** As policy/v1 reads it: an absent selector selects nothing, an empty one everything. */
export function selects(selector: RawSelector | undefined, labels: Record<string, string> | undefined): boolean {
  if (selector === undefined) return false;
  const has = labels ?? {};
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => has[key] === value);
  return equal && (selector.matchExpressions ?? []).every((one) => holds(one, has));
}

function holds(
  { key, operator, values = [] }: { key: string; operator: string; values?: string[] },
  labels: Record<string, string>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** `a=b,c in (d,e)`: for the query `labelSelector`. */
export function selectorText(selector: RawSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values.join(',')})`;
  });
  return [...equal, ...others].join(',');
}
