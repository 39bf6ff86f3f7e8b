import type { WallClock } from '../domain/local-time.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
// Making a formatter costs a hundred times what using it does, and there are few zones.
const formats = new Map<string, Intl.DateTimeFormat>();

/** The real `ZonedClock`: the time zone database that Node carries. Throws RangeError for a zone it does not know; the policy file has none such. */
export function zonedClock(epochMs: number, zone: string): WallClock {
  const parts: Record<string, string> = {};
  for (const part of formatOf(zone).formatToParts(epochMs)) parts[part.type] = part.value;
  return {
    date: `${(parts['year'] ?? '').padStart(4, '0')}-${parts['month']}-${parts['day']}`,
    weekday: WEEKDAYS.indexOf(parts['weekday'] ?? ''),
    minutes: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, format);
  return format;
}
