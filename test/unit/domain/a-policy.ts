import { METHODS } from '../../../src/domain/method.ts';
import type { ActorFacts, App, Binding, ChannelFacts, Environment, Group, Policy, Role } from '../../../src/domain/policy.ts';
import { POLICY_VERBS } from '../../../src/domain/policy.ts';

/** The policy of product.md §6, as trusted values; parts are replaced by name. */
export function aPolicy(
  parts: {
    environments?: Environment[];
    apps?: App[];
    groups?: Group[];
    roles?: Role[];
    bindings?: Binding[];
    incidents?: Policy['incidents'];
  } = {},
): Policy {
  const byName = <T extends { name: string }>(values: T[]): Map<string, T> => new Map(values.map((value) => [value.name, value]));
  const incidents = 'incidents' in parts ? parts.incidents : INCIDENTS;
  return {
    environments: byName(
      parts.environments ?? [
        anEnvironment({ name: 'prod', approval: { votes: 1, from: ['sre'], self: false, expiresMs: 1_800_000 } }),
        anEnvironment({ name: 'staging' }),
      ],
    ),
    apps: byName(parts.apps ?? [anApp({ name: 'my-app', aliases: ['myapp'] }), anApp({ name: 'billing' })]),
    groups: byName(parts.groups ?? [{ name: 'sre', userGroups: ['S0123ABCD'], users: ['U0456EFGH'] }]),
    roles: byName(
      parts.roles ?? [
        { name: 'developer', verbs: ['view', 'request', 'cancel'], environments: ['*'], apps: ['*'] },
        { name: 'operator', verbs: [...POLICY_VERBS], environments: ['*'], apps: ['*'] },
      ],
    ),
    bindings: parts.bindings ?? [
      { role: 'developer', groups: ['everyone'], channels: ['C0DEPLOYS1'] },
      { role: 'operator', groups: ['sre'], channels: ['*'] },
    ],
    ...(incidents === undefined ? {} : { incidents }),
  };
}

const INCIDENTS = { bind: ['sre'], votes: 0, ignoreWindows: true, reasonRequired: true, announce: 'C0AUDIT001' };

export const anEnvironment = (parts: Partial<Environment> & { name: string }): Environment => ({
  cluster: 'eu',
  namespaces: ['shop'],
  approval: { votes: 0, self: false, expiresMs: 1_800_000 },
  zone: 'UTC',
  freezes: [],
  methods: METHODS,
  forceDelete: false,
  onFailure: 'ask',
  deadlineMs: 3_600_000,
  ...parts,
});

export const anApp = (parts: Partial<App> & { name: string }): App => ({ workloads: [`deployment/${parts.name}`], aliases: [], ...parts });

export const aPerson = (parts: Partial<ActorFacts> = {}): ActorFacts => ({
  userId: 'U0DEV0001',
  teamId: 'T1',
  kind: 'member',
  groups: { known: true, ids: [] },
  ...parts,
});

export const anSre = (parts: Partial<ActorFacts> = {}): ActorFacts =>
  aPerson({ userId: 'U0SRE0001', groups: { known: true, ids: ['S0123ABCD'] }, ...parts });

export const aChannel = (parts: Partial<ChannelFacts> = {}): ChannelFacts => ({
  id: 'C0DEPLOYS1',
  shared: false,
  archived: false,
  kind: 'public',
  ...parts,
});
