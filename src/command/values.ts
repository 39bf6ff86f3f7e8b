import { parseDuration } from '../domain/duration.ts';
import { isDigest, isTag, parseImage } from '../domain/image.ts';
import { dayNumber, parseClock } from '../domain/local-time.ts';
import { STATUSES, type Status } from '../domain/lifecycle.ts';
import { isMethod, METHODS } from '../domain/method.ts';
import type { Method } from '../domain/method.ts';
import type { WorkloadName } from '../domain/workload-name.ts';
import { isObjectName, parseWorkloadName } from '../domain/workload-name.ts';
import { WORKLOAD_KINDS } from '../domain/workload.ts';
import type { At } from './command.ts';
import { LONGEST_REASON } from './grammar.ts';
import { shownWord } from './read-form.ts';
import { closest } from './suggest.ts';

/** A text made into a value, or what is wrong with it and what may have been meant. */
export type Read<T> = { ok: true; value: T } | { ok: false; wrong: string; meant?: string };

const yes = <T>(value: T): Read<T> => ({ ok: true, value });
const no = (wrong: string, meant?: string): Read<never> => ({ ok: false, wrong, ...(meant === undefined ? {} : { meant }) });

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;

/** An app may have no entry in the policy file and be found by the name of its workload. */
export function readName(text: string, what: 'app' | 'environment'): Read<string> {
  if (NAME.test(text)) return yes(text);
  // A comma, a quote, or the sign that Slack puts before what it took for a channel.
  const meant = text.replace(/^[#@*'"(]|[,;:.!?*'")]$/g, '');
  return no(
    `${shownWord(text)} cannot be the name of an ${what}: letters, digits, hyphens, dots and underscores only.`,
    NAME.test(meant) ? meant : undefined,
  );
}

export const readId = (text: string): Read<string> =>
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)
    ? yes(text)
    : no(`${shownWord(text)} cannot be the id of a request; /repull status and history show ids.`);

/** As Slack makes a mention (`@U0123ABCD` once its brackets are undone), as a bare id, or `me`. Never a name: names change hands. */
export function readUser(text: string): Read<string> {
  if (text === 'me' || text === '@me') return yes('me');
  const id = /^@?([UW][A-Z0-9]{6,})$/.exec(text)?.[1];
  return id === undefined
    ? no(`${shownWord(text)} is no mention: choose the person from the list that Slack offers after @, or write their id.`)
    : yes(id);
}

export const readStatus = (text: string): Read<Status> => {
  const known = STATUSES.find((status) => status === text.toLowerCase());
  return known === undefined
    ? no(`There is no state ${shownWord(text)}. Known: ${STATUSES.join(', ')}.`, closest(text.toLowerCase(), STATUSES))
    : yes(known);
};

export function readReason(text: string): Read<string> {
  const reason = text.trim();
  const length = Array.from(reason).length;
  if (length === 0) return no('The reason is empty.');
  return length <= LONGEST_REASON
    ? yes(reason)
    : no(`The reason has ${length} characters; up to ${LONGEST_REASON} are kept, and none is cut off, so please shorten it.`);
}

export function readTag(text: string): Read<string> {
  if (isTag(text)) return yes(text);
  if (isDigest(text)) return no(`--tag takes a tag, and ${shownWord(text)} is a digest: write --image repository@sha256:… instead.`);
  return no(
    `${shownWord(text)} cannot be a tag: letters, digits, underscores, dots and hyphens, at most 128, not beginning with a dot or a hyphen.`,
  );
}

export function readImage(text: string): Read<string> {
  if (parseImage(text) !== undefined) return yes(text);
  const bare = text.replace(/^https?:\/\//, '');
  return no(
    `${shownWord(text)} cannot be an image reference, such as registry.example.com/shop/app:v2.`,
    parseImage(bare) === undefined ? undefined : bare,
  );
}

export const readMethod = (text: string): Read<Method> =>
  isMethod(text) ? yes(text) : no(`There is no method ${shownWord(text)}. Known: ${METHODS.join(', ')}.`, closest(text, METHODS));

export function readWorkload(text: string): Read<WorkloadName> {
  const workload = parseWorkloadName(text);
  if (!('problem' in workload)) return yes(workload);
  const [, typed = '', name = ''] = /^([^/]*)\/(.*)$/.exec(text) ?? [];
  const kind = closest(
    typed,
    WORKLOAD_KINDS.map((each) => each.toLowerCase()),
  );
  const meant = kind === undefined || !isObjectName(name) ? undefined : `${kind}/${name}`;
  return no(`--workload: ${workload.problem}.`, 'problem' in parseWorkloadName(meant ?? '') ? undefined : meant);
}

export const readObjectName = (text: string, flag: 'container' | 'pod'): Read<string> =>
  isObjectName(text)
    ? yes(text)
    : no(`${shownWord(text)} cannot be the name of a ${flag}: lower-case letters, digits, hyphens and dots only.`);

/** A wall clock time; whose wall is for the environment to say. */
export function readAt(text: string): Read<At> {
  if (text === 'window') return yes({ kind: 'window' });
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T]+(\d{2}:\d{2}))?$/.exec(text.trim());
  const date = match?.[1] ?? '';
  if (dayNumber(date) === undefined)
    return no(`--at takes window or a time like "2026-12-01 22:00", not ${shownWord(text)}.`, closest(text, ['window']));
  if (match?.[2] === undefined) return no(`--at ${date} needs a time of day too, in quotes: --at "${date} 22:00".`);
  const minutes = parseClock(match[2]);
  if (minutes === undefined || minutes === 1440) return no(`${shownWord(match[2])} is not a time of day; write 00:00 to 23:59.`);
  return yes({ kind: 'time', date, minutes });
}

export function readFor(text: string): Read<number> {
  const ms = parseDuration(text);
  return ms === undefined ? no(`--for takes a duration of up to 366 days such as 20s, 30m, 2h or 1d, not ${shownWord(text)}.`) : yes(ms);
}
