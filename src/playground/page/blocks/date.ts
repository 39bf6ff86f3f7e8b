/** Slack's `<!date^…>` in the reader's own time and language. */
const DAY_MS = 86_400_000;

const startOfDay = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

function dayWord(date: Date, now: Date): string | undefined {
  const days = Math.round((startOfDay(date) - startOfDay(now)) / DAY_MS);
  return days === 0 ? 'today' : days === 1 ? 'tomorrow' : days === -1 ? 'yesterday' : undefined;
}

function ago(date: Date, now: Date): string {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 60) return words.format(seconds, 'second');
  if (size < 3600) return words.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return words.format(Math.round(seconds / 3600), 'hour');
  return words.format(Math.round(seconds / 86_400), 'day');
}

const clock = (date: Date, seconds = false): string =>
  date.toLocaleTimeString([], { hour: 'numeric', minute: '2-digit', ...(seconds ? { second: '2-digit' as const } : {}) });
const day = (date: Date, options: Intl.DateTimeFormatOptions): string => date.toLocaleDateString([], options);

const long: Intl.DateTimeFormatOptions = { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' };
const middle: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'long', day: 'numeric' };
const short: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'short', day: 'numeric' };

/** `format` is Slack's, e.g. `{date_short_pretty} at {time}`; unknown tokens stay as they are. */
export function slackDate(format: string, date: Date, now: Date): string {
  const tokens: Record<string, () => string> = {
    date_num: () => day(date, { year: 'numeric', month: '2-digit', day: '2-digit' }),
    date: () => day(date, middle),
    date_short: () => day(date, short),
    date_long: () => day(date, long),
    date_pretty: () => dayWord(date, now) ?? day(date, middle),
    date_short_pretty: () => dayWord(date, now) ?? day(date, short),
    date_long_pretty: () => dayWord(date, now) ?? day(date, long),
    time: () => clock(date),
    time_secs: () => clock(date, true),
    ago: () => ago(date, now),
  };
  return format.replace(/\{(\w+)\}/g, (whole, token: string) => tokens[token]?.() ?? whole);
}

/** `ts` of a message → the time of day. */
export function clockOf(ts: string): string {
  return clock(new Date(Number(ts) * 1000));
}

/** "Today", "Yesterday", or "Monday, November 23" for the line between two days. */
export function dayOf(ts: string, now: Date): string {
  const date = new Date(Number(ts) * 1000);
  const word = dayWord(date, now);
  return word ? word.charAt(0).toUpperCase() + word.slice(1) : day(date, { weekday: 'long', month: 'long', day: 'numeric' });
}

export function fullTime(ts: string): string {
  return new Date(Number(ts) * 1000).toLocaleString([], { dateStyle: 'full', timeStyle: 'medium' });
}
