import { z } from 'zod';
import { METHODS } from '../domain/method.ts';
import { POLICY_VERBS } from '../domain/policy.ts';

/**
 * The shape of the policy file: strict all the way down, with every default. What a text must look like beyond its type (ids, names,
 * durations, windows) and every reference are checked by policy-checks.ts, which says more than a pattern can; the patterns here are for editors.
 */
const text = (description: string, pattern?: string) => z.string().meta({ description, ...(pattern === undefined ? {} : { pattern }) });
const texts = (description: string, item: z.ZodType<string>) => z.array(item).min(1).meta({ description });

export const PATTERNS = {
  name: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
  namespace: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  user: '^[UW][A-Z0-9]+$',
  userGroup: '^S[A-Z0-9]+$',
  channel: '^[CG][A-Z0-9]+$',
  duration: '^[0-9]{1,9}[smhd]$',
} as const;

const duration = (description: string) => text(`${description} A duration: 20s, 30m, 2h, 1d.`, PATTERNS.duration);
const groupName = text('Name of a group of this file, or everyone.', PATTERNS.name);
const userId = text('Slack user id.', PATTERNS.user);
const userGroupId = text('Slack user-group id.', PATTERNS.userGroup);
const channelId = text('Slack channel id.', PATTERNS.channel);
const channelOrAll = text('Slack channel id, or * for every channel.', `${PATTERNS.channel}|^\\*$`);
const localTime = text('A day (2026-12-20) or a time (2026-12-20 18:00) in the zone of the windows, UTC without one.');

const Approval = z.strictObject({
  votes: z.int().min(0).default(1).meta({ description: 'How many people must approve; 0 asks nobody.' }),
  from: texts('Groups whose members may approve; left out: anybody with the verb approve.', groupName).optional(),
  self: z.boolean().default(false).meta({ description: 'May the requester approve their own request?' }),
  expires: duration('An approval that takes longer ends the request as expired.').default('30m'),
});

const Windows = z.strictObject({
  timezone: text('IANA name, for example Europe/Berlin.').default('UTC'),
  open: texts('When changes are allowed.', text('For example "Mon-Thu 09:00-16:30".')),
});

const Freeze = z.strictObject({
  from: localTime,
  to: localTime.meta({ description: 'Its last day (to the end of it), or the time it ends.' }),
  reason: text('Shown in every refusal.').optional(),
});

export const FORCE_DELETE = 'force-delete';

export const EnvironmentFile = z.strictObject({
  cluster: text('Name of the cluster; the worker started with --cluster NAME serves it.', PATTERNS.name),
  namespaces: texts('Where apps are looked for.', text('Namespace.', PATTERNS.namespace)),
  approval: Approval.optional().meta({ description: 'Left out: no votes are needed.' }),
  windows: Windows.optional().meta({ description: 'Left out: always open.' }),
  freezes: z.array(Freeze).default([]).meta({ description: 'Stretches of days without changes; they win over windows.' }),
  methods: texts(
    'What may be carried out; auto chooses only among these. force-delete must be named to be allowed.',
    z.enum([...METHODS, FORCE_DELETE]),
  ).default([...METHODS]),
  'on-failure': z.enum(['ask', 'rollback']).default('ask').meta({ description: 'What to do when a rollout fails.' }),
  deadline: duration('A request must end this long after it was queued.').default('1h'),
});

const AppFile = z.strictObject({
  workloads: texts('kind/name of each workload.', text('For example deployment/my-app.', '^[A-Za-z]+/[a-z0-9.-]+$')),
  aliases: z.array(text('Another name for the app.', PATTERNS.name)).default([]).meta({ description: 'Other names for the app.' }),
});

const GroupFile = z.strictObject({
  'user-groups': z.array(userGroupId).default([]).meta({ description: 'Slack user groups whose members belong here.' }),
  users: z.array(userId).default([]).meta({ description: 'People who belong here.' }),
});

const RoleFile = z.strictObject({
  verbs: texts('What the role allows; * is everything.', z.enum([...POLICY_VERBS, '*'])),
  environments: texts('Names or globs.', text('Environment name or glob (*).')),
  apps: texts('Names or globs.', text('App name, alias or glob (*).')),
});

const BindingFile = z.strictObject({
  role: text('Name of a role of this file.', PATTERNS.name),
  groups: texts('Who has the role.', groupName),
  channels: texts('Where they have it.', channelOrAll),
});

const IncidentsFile = z.strictObject({
  bind: texts('Groups whose members may bind a channel to an incident.', groupName),
  votes: z.int().min(0).optional().meta({ description: 'Votes needed in an incident channel; left out: those of the environment.' }),
  'ignore-windows': z.boolean().default(false).meta({ description: 'Maintenance windows do not count there. Freezes always do.' }),
  reason: z.enum(['required', 'optional']).default('required'),
  announce: channelId.meta({ description: 'Channel that is told of bindings and of every request made under incident rules.' }),
});

export const PolicyFile = z
  .strictObject({
    environments: z.record(z.string(), EnvironmentFile).meta({ description: 'By name.' }),
    apps: z.record(z.string(), AppFile).default({}).meta({ description: 'By name. An app without an entry is found by name and labels.' }),
    groups: z.record(z.string(), GroupFile).default({}).meta({ description: 'By name. The group everyone is built in.' }),
    roles: z.record(z.string(), RoleFile).meta({ description: 'By name.' }),
    bindings: z.array(BindingFile).meta({ description: 'Who has which role where. They add up; nothing takes away.' }),
    incidents: IncidentsFile.optional().meta({ description: 'Left out: the feature is off.' }),
  })
  .meta({ title: 'repull policy', description: 'Who may repull what, where and when.' });
export type PolicyFile = z.infer<typeof PolicyFile>;
export type EnvironmentFile = z.infer<typeof EnvironmentFile>;
