import { isTypedVerb } from '../command/grammar.ts';
import { closest } from '../command/suggest.ts';
import { parseDuration } from '../domain/duration.ts';
import { isGlob } from '../domain/glob.ts';
import { dayNumber } from '../domain/local-time.ts';
import { EVERYONE } from '../domain/policy.ts';
import type { LocalTime } from '../domain/policy.ts';
import { parseLocalTime, parseWindow } from '../domain/window-syntax.ts';
import { parseWorkloadName } from '../domain/workload-name.ts';
import { FORCE_DELETE, PATTERNS } from './policy-schema.ts';
import type { Path } from './yaml-positions.ts';
import { isZone } from './zoned-clock.ts';

/** `key`: the key itself is wrong, not what stands behind it. */
export type Add = (path: Path, message: string, key?: 'key') => void;

/**
 * What a type cannot say: names, ids, durations, windows, and every reference. Works on the raw values and passes over what has the
 * wrong type, so that one mistake never hides another.
 */
export function checkPolicy(raw: unknown, add: Add): void {
  const names = namesIn(raw);
  for (const section of ['environments', 'apps', 'groups', 'roles'] as const) {
    for (const [name] of map(at(raw, section))) checkName([section, name], name, add, 'key');
  }
  if (isMap(at(raw, 'environments')) && names.environments.length === 0) add(['environments'], 'is empty: name at least one environment');
  for (const [name, value] of map(at(raw, 'environments'))) checkEnvironment(['environments', name], value, names, add);
  checkApps(raw, names, add);
  for (const [name, value] of map(at(raw, 'groups'))) checkGroup(['groups', name], name, value, add);
  for (const [name, value] of map(at(raw, 'roles'))) {
    checkGlobs(['roles', name, 'environments'], at(value, 'environments'), 'environment', names.environments, add);
    checkGlobs(['roles', name, 'apps'], at(value, 'apps'), 'app', [...names.apps, ...names.aliases], add);
  }
  const bindings = at(raw, 'bindings');
  for (const [index, value] of Array.isArray(bindings) ? bindings.entries() : []) {
    const path = ['bindings', index];
    texts({ role: at(value, 'role') }).forEach(([, role]) => checkReference([...path, 'role'], role, 'role', names.roles, add));
    checkGroups([...path, 'groups'], at(value, 'groups'), names, add);
    for (const [item, id] of texts(at(value, 'channels'))) if (id !== '*') checkId([...path, 'channels', item], id, 'channel', add);
  }
  const incidents = at(raw, 'incidents');
  checkGroups(['incidents', 'bind'], at(incidents, 'bind'), names, add);
  const announce = at(incidents, 'announce');
  if (typeof announce === 'string') checkId(['incidents', 'announce'], announce, 'channel', add);
}

interface Names {
  environments: string[];
  apps: string[];
  aliases: string[];
  groups: string[];
  roles: string[];
}

const namesIn = (raw: unknown): Names => {
  const keys = (section: string): string[] => map(at(raw, section)).map(([name]) => name);
  return {
    environments: keys('environments'),
    apps: keys('apps'),
    aliases: map(at(raw, 'apps')).flatMap(([, app]) => texts(at(app, 'aliases')).map(([, alias]) => alias)),
    groups: [...keys('groups'), EVERYONE],
    roles: keys('roles'),
  };
};

function checkEnvironment(path: Path, value: unknown, names: Names, add: Add): void {
  const cluster = at(value, 'cluster');
  if (typeof cluster === 'string') checkName([...path, 'cluster'], cluster, add);
  for (const [index, namespace] of texts(at(value, 'namespaces'))) {
    if (!new RegExp(PATTERNS.namespace).test(namespace))
      add([...path, 'namespaces', index], `"${namespace}" cannot be a namespace: lower-case letters, digits and hyphens, at most 63`);
  }
  const approval = at(value, 'approval');
  checkGroups([...path, 'approval', 'from'], at(approval, 'from'), names, add);
  checkDuration([...path, 'approval', 'expires'], at(approval, 'expires'), add);
  checkDuration([...path, 'deadline'], at(value, 'deadline'), add);
  const windows = at(value, 'windows');
  const zone = at(windows, 'timezone');
  if (typeof zone === 'string' && !isZone(zone))
    add([...path, 'windows', 'timezone'], `unknown time zone "${zone}"; write an IANA name such as Europe/Berlin`);
  for (const [index, text] of texts(at(windows, 'open'))) {
    const window = parseWindow(text);
    if ('problem' in window) add([...path, 'windows', 'open', index], window.problem);
  }
  const freezes = at(value, 'freezes');
  for (const [index, freeze] of Array.isArray(freezes) ? freezes.entries() : []) checkFreeze([...path, 'freezes', index], freeze, add);
  const methods = texts(at(value, 'methods'));
  const forced = methods.find(([, method]) => method === FORCE_DELETE);
  if (forced !== undefined && !methods.some(([, method]) => method === 'evict'))
    add([...path, 'methods', forced[0]], `${FORCE_DELETE} is a way to evict: list evict too`);
}

function checkFreeze(path: Path, freeze: unknown, add: Add): void {
  const read = (key: 'from' | 'to'): LocalTime | undefined => {
    const text = at(freeze, key);
    if (typeof text !== 'string') return undefined;
    const time = parseLocalTime(text);
    if (time === undefined) add([...path, key], `"${text}" is not a day (2026-12-20) or a time ("2026-12-20 18:00")`);
    return time;
  };
  const [from, to] = [read('from'), read('to')];
  if (from === undefined || to === undefined) return;
  if (minutesOf(from, 0) >= minutesOf(to, 1440)) add([...path, 'to'], 'the freeze ends before it begins');
}

const minutesOf = (time: LocalTime, whole: number): number => (dayNumber(time.date) ?? 0) * 1440 + (time.minutes ?? whole);

function checkApps(raw: unknown, names: Names, add: Add): void {
  const taken = new Map<string, string>();
  for (const name of names.apps) {
    checkReachable(['apps', name], name, add, 'key');
    taken.set(name, `the app "${name}"`);
  }
  for (const [name, value] of map(at(raw, 'apps'))) {
    for (const [index, workload] of texts(at(value, 'workloads'))) {
      const read = parseWorkloadName(workload);
      if ('problem' in read) add(['apps', name, 'workloads', index], read.problem);
    }
    for (const [index, alias] of texts(at(value, 'aliases'))) {
      const path = ['apps', name, 'aliases', index];
      checkName(path, alias, add);
      checkReachable(path, alias, add);
      const other = taken.get(alias);
      if (other !== undefined) add(path, `"${alias}" is already ${other}`);
      else taken.set(alias, `an alias of "${name}"`);
    }
  }
}

/** The first word of a command is a command or an app; a name that is both could never be reached. */
function checkReachable(path: Path, name: string, add: Add, key?: 'key'): void {
  if (isTypedVerb(name))
    add(path, `"${name}" is a command of /repull, so an app cannot have that name; give it another and list its workloads`, key);
}

function checkGroup(path: Path, name: string, value: unknown, add: Add): void {
  if (name === EVERYONE) add(path, 'everyone is built in (every full member of the workspace) and cannot be defined', 'key');
  if (isMap(value) && at(value, 'users') === undefined && at(value, 'user-groups') === undefined)
    add(path, 'needs user-groups, users or both', 'key');
  for (const [index, id] of texts(at(value, 'user-groups'))) checkId([...path, 'user-groups', index], id, 'userGroup', add);
  for (const [index, id] of texts(at(value, 'users'))) checkId([...path, 'users', index], id, 'user', add);
}

const IDS = {
  user: 'a user id (U…): copy it from the person’s profile in Slack',
  userGroup: 'a user-group id (S…): it stands in the address of the group in Slack',
  channel: 'a channel id (C…): it stands at the end of the channel’s details in Slack',
} as const;

function checkId(path: Path, id: string, kind: keyof typeof IDS, add: Add): void {
  if (!new RegExp(PATTERNS[kind]).test(id)) add(path, `"${id}" is not ${IDS[kind]}; names are not accepted, because they can change`);
}

function checkName(path: Path, name: string, add: Add, key?: 'key'): void {
  if (!new RegExp(PATTERNS.name).test(name))
    add(path, `"${name}" cannot be a name: one word of letters, digits, hyphens, dots and underscores, at most 63`, key);
}

function checkDuration(path: Path, text: unknown, add: Add): void {
  if (typeof text === 'string' && parseDuration(text) === undefined) add(path, `"${text}" is not a duration; write 20s, 30m, 2h or 1d`);
}

const checkGroups = (path: Path, value: unknown, names: Names, add: Add): void =>
  texts(value).forEach(([index, name]) => checkReference([...path, index], name, 'group', names.groups, add));

function checkGlobs(path: Path, value: unknown, what: string, known: readonly string[], add: Add): void {
  for (const [index, pattern] of texts(value)) if (!isGlob(pattern)) checkReference([...path, index], pattern, what, known, add);
}

function checkReference(path: Path, name: string, what: string, known: readonly string[], add: Add): void {
  if (known.includes(name)) return;
  const meant = closest(name, known);
  add(path, `unknown ${what} "${name}"${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (value: unknown, key: string): unknown => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined);
const map = (value: unknown): [string, unknown][] => (isMap(value) ? Object.entries(value) : []);

/** The texts of a list, or of a map, with their index or key. */
const texts = (value: unknown): [string | number, string][] => {
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : map(value);
  return entries.filter((entry): entry is [string | number, string] => typeof entry[1] === 'string');
};
