import { parseDuration } from '../domain/duration.ts';
import { isMethod } from '../domain/method.ts';
import type { App, Environment, IncidentRules, LocalTime, Policy, Role } from '../domain/policy.ts';
import { isPolicyVerb, POLICY_VERBS } from '../domain/policy.ts';
import { parseLocalTime, parseWindow } from '../domain/window-syntax.ts';
import { formatWorkloadName, parseWorkloadName } from '../domain/workload-name.ts';
import type { EnvironmentFile, PolicyFile } from './policy-schema.ts';
import { FORCE_DELETE } from './policy-schema.ts';

/** The file as trusted values. Everything was checked before, so a text that cannot be read here is a bug and thrown as one. */
export function buildPolicy(file: PolicyFile): Policy {
  const apps = mapped(file.apps, buildApp);
  return {
    environments: mapped(file.environments, buildEnvironment),
    apps,
    groups: mapped(file.groups, (name, group) => ({ name, userGroups: group['user-groups'], users: group.users })),
    roles: mapped(file.roles, (name, role) => buildRole(name, role, apps)),
    bindings: file.bindings,
    ...(file.incidents === undefined ? {} : { incidents: buildIncidents(file.incidents) }),
  };
}

const mapped = <F, T>(entries: Record<string, F>, build: (name: string, value: F) => T): Map<string, T> =>
  new Map(Object.entries(entries).map(([name, value]) => [name, build(name, value)]));

function sure<T>(value: T | { problem: string } | undefined, text: string): T {
  if (value === undefined || (typeof value === 'object' && value !== null && 'problem' in value))
    throw new Error(`unchecked text in the policy: ${text}`);
  return value;
}

function buildEnvironment(name: string, file: EnvironmentFile): Environment {
  const { approval, windows } = file;
  return {
    name,
    cluster: file.cluster,
    namespaces: file.namespaces,
    approval: {
      votes: approval?.votes ?? 0,
      ...(approval?.from === undefined ? {} : { from: approval.from }),
      self: approval?.self ?? false,
      expiresMs: duration(approval?.expires ?? '30m'),
    },
    zone: windows?.timezone ?? 'UTC',
    ...(windows === undefined ? {} : { windows: windows.open.map((text) => sure(parseWindow(text), text)) }),
    freezes: file.freezes.map((freeze) => ({
      from: localTime(freeze.from),
      to: localTime(freeze.to),
      ...(freeze.reason === undefined ? {} : { reason: freeze.reason }),
    })),
    methods: file.methods.filter(isMethod),
    forceDelete: file.methods.includes(FORCE_DELETE),
    onFailure: file['on-failure'],
    deadlineMs: duration(file.deadline),
  };
}

const duration = (text: string): number => sure(parseDuration(text), text);
const localTime = (text: string): LocalTime => sure(parseLocalTime(text), text);

const buildApp = (name: string, file: PolicyFile['apps'][string]): App => ({
  name,
  workloads: file.workloads.map((text) => formatWorkloadName(sure(parseWorkloadName(text), text))),
  aliases: file.aliases,
});

/** An alias is the app, so it is one in a role too. */
function buildRole(name: string, file: PolicyFile['roles'][string], apps: ReadonlyMap<string, App>): Role {
  const canonical = (text: string): string => [...apps.values()].find((app) => app.aliases.includes(text))?.name ?? text;
  return {
    name,
    verbs: file.verbs.includes('*') ? POLICY_VERBS : file.verbs.filter(isPolicyVerb),
    environments: file.environments,
    apps: file.apps.map(canonical),
  };
}

const buildIncidents = (file: NonNullable<PolicyFile['incidents']>): IncidentRules => ({
  bind: file.bind,
  ...(file.votes === undefined ? {} : { votes: file.votes }),
  ignoreWindows: file['ignore-windows'],
  reasonRequired: file.reason === 'required',
  announce: file.announce,
});
