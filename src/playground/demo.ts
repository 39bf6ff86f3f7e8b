/** The company that the playground is set in: its people, its channels, its policy and its apps. */
import type { WorkspaceSeed } from './slack/workspace-types.ts';
import type { Persona } from './page-server/wire.ts';

export const CLUSTER = 'demo';
export const DEPLOYS = 'C0DEPLOYS1';
const INCIDENTS = 'C0INCIDENT';
const AUDIT = 'C0AUDIT001';
export const DANA = 'U0DANA0001';
export const SAM = 'U0SAM00001';
const ROBIN = 'U0ROBIN001';
const GINA = 'U0GINA0001';
const SRE = 'S0SRE00001';

export const PERSONAS: Persona[] = [
  { id: DANA, role: 'Developer', about: 'May look and ask everywhere; staging needs nobody else, prod needs an SRE.' },
  { id: SAM, role: 'SRE', about: 'May do everything, but not approve what Sam asked for.' },
  { id: ROBIN, role: 'SRE', about: 'May do everything, but not approve what Robin asked for.' },
  { id: GINA, role: 'Guest', about: 'A guest of the workspace: may do nothing, and is told so.' },
];

export function demoWorkspace(): WorkspaceSeed {
  const everyone = [DANA, SAM, ROBIN, GINA];
  return {
    name: 'Acme Shop',
    domain: 'acme-shop',
    users: [
      { id: DANA, name: 'dana', realName: 'Dana Novak' },
      { id: SAM, name: 'sam', realName: 'Sam Okafor' },
      { id: ROBIN, name: 'robin', realName: 'Robin Lindqvist' },
      { id: GINA, name: 'gina', realName: 'Gina Petrov', kind: 'guest' },
    ],
    channels: [
      { id: DEPLOYS, name: 'deploys', topic: 'Where images are pulled again. Type /repull', members: everyone },
      { id: INCIDENTS, name: 'incidents', topic: 'Try /repull incident on, as an SRE', members: [DANA, SAM, ROBIN] },
      { id: AUDIT, name: 'sre-audit', kind: 'private', topic: 'Incident rules and broken glass are announced here', members: [SAM, ROBIN] },
      // Nothing is done from direct messages; who tries it is told where.
      { id: 'D0DANASAM1', name: '', kind: 'im', members: [DANA, SAM], bot: false },
      { id: 'C0RANDOM01', name: 'random', topic: 'repull is not in this channel', members: everyone, bot: false },
    ],
    userGroups: [{ id: SRE, handle: 'sre', name: 'Site reliability', members: [SAM, ROBIN] }],
  };
}

/** Which namespaces belong to which environment; with `apps` false an app is whatever is found there by name. */
export interface DemoPlaces {
  prod: string;
  staging: string | undefined;
  /** With a maintenance window that is closed: to try --at window, Schedule and --override. Left out on a real cluster. */
  nightly?: string;
  apps: boolean;
}

const APPS: Record<string, string> = {
  'my-app': 'deployment/my-app',
  web: 'deployment/web',
  cache: 'statefulset/cache',
  agent: 'daemonset/agent',
};
/** Only these run in staging, too. */
const IN_STAGING = ['my-app', 'web'];

/** Only in nightly. */
const IN_NIGHTLY: Record<string, string> = { report: 'deployment/report' };

/** A day that is neither today nor tomorrow in any zone: whoever tries the playground finds the window closed, and can schedule. */
const laterDay = (now: number): string =>
  ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(now + 3 * 86_400_000).getUTCDay()] ?? 'Sun';

const nightlyEnvironment = (namespace: string, now: number): string => `  nightly:
    cluster: ${CLUSTER}
    namespaces: [${namespace}]
    windows: { timezone: Europe/Berlin, open: ["${laterDay(now)} 02:00-04:00"] }
`;

/** @param now milliseconds since the epoch: the maintenance window of `nightly` opens three days later */
export function demoPolicy(places: DemoPlaces, now: number = Date.now()): string {
  const staging = places.staging === undefined ? '' : `  staging:\n    cluster: ${CLUSTER}\n    namespaces: [${places.staging}]\n`;
  const nightly = places.nightly === undefined ? '' : nightlyEnvironment(places.nightly, now);
  const names = { ...APPS, ...(places.nightly === undefined ? {} : IN_NIGHTLY) };
  const apps = Object.entries(names).map(([name, workload]) => `  ${name}: { workloads: [${workload}] }\n`);
  return `# The policy of the playground: change it while it runs, it is read again within 10 seconds.
environments:
  prod:
    cluster: ${CLUSTER}
    namespaces: [${places.prod}]
    approval: { votes: 1, from: [sre], self: false, expires: 30m }
${staging}${nightly}${places.apps ? `apps:\n${apps.join('')}` : ''}groups:
  sre: { user-groups: [${SRE}] }
roles:
  developer: { verbs: [view, request, cancel, rollback], environments: ["*"], apps: ["*"] }
  operator: { verbs: ["*"], environments: ["*"], apps: ["*"] }
bindings:
  - { role: developer, groups: [everyone], channels: [${DEPLOYS}] }
  - { role: operator, groups: [sre], channels: ["*"] }
incidents: { bind: [sre], votes: 0, ignore-windows: true, reason: required, announce: ${AUDIT} }
`;
}

/** App and environments, for the composer. */
export function demoApps(places: Pick<DemoPlaces, 'nightly'> = {}): { name: string; environments: string[] }[] {
  const nightly = places.nightly === undefined ? [] : Object.keys(IN_NIGHTLY);
  return [
    ...Object.keys(APPS).map((name) => ({ name, environments: IN_STAGING.includes(name) ? ['prod', 'staging'] : ['prod'] })),
    ...nightly.map((name) => ({ name, environments: ['nightly'] })),
  ];
}

/** Pushed before the workloads are made, so that there is something to run. */
export const DEMO_IMAGES = ['shop/my-app:stable', 'shop/web:latest', 'shop/cache:7', 'shop/agent:stable', 'shop/report:1'];

type PullPolicy = 'Always' | 'IfNotPresent';

/**
 * What runs. `my-app` keeps what its nodes have (IfNotPresent), so a plain restart would not help and `auto` must choose better; `web` always
 * asks the registry; a StatefulSet and a DaemonSet replace their pods in their own ways. A process that crashes at once must never count as
 * available, not even for its first moment: hence minReadySeconds. `registry`: HOST:PORT.
 */
export function demoManifests(registry: string, places: { prod: string; staging: string; nightly?: string }): object[] {
  const container = (image: string, pullPolicy: PullPolicy): object => ({
    name: 'app',
    image: `${registry}/${image}`,
    imagePullPolicy: pullPolicy,
    readinessProbe: { exec: { command: ['/app', 'ready'] }, periodSeconds: 1 },
  });
  const workload = (kind: string, namespace: string, name: string, image: string, pullPolicy: PullPolicy, spec: object): object => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      minReadySeconds: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 1, containers: [container(image, pullPolicy)] },
      },
      ...spec,
    },
  });
  const { prod, staging, nightly } = places;
  return [
    workload('Deployment', prod, 'my-app', 'shop/my-app:stable', 'IfNotPresent', { replicas: 4 }),
    workload('Deployment', prod, 'web', 'shop/web:latest', 'Always', { replicas: 2 }),
    workload('StatefulSet', prod, 'cache', 'shop/cache:7', 'IfNotPresent', { replicas: 2, serviceName: 'cache' }),
    workload('DaemonSet', prod, 'agent', 'shop/agent:stable', 'Always', {}),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'my-app', namespace: prod },
      spec: { minAvailable: 3, selector: { matchLabels: { app: 'my-app' } } },
    },
    workload('Deployment', staging, 'my-app', 'shop/my-app:stable', 'Always', { replicas: 1 }),
    workload('Deployment', staging, 'web', 'shop/web:latest', 'Always', { replicas: 1 }),
    ...(nightly === undefined ? [] : [workload('Deployment', nightly, 'report', 'shop/report:1', 'Always', { replicas: 1 })]),
  ];
}

/** Kind, namespace and name of what `demoManifests` made and how many pods of it must be ready. */
export function demoReady(manifests: object[]): { kind: string; namespace: string; name: string }[] {
  return (manifests as { kind: string; metadata: { namespace: string; name: string }; spec: { selector: unknown } }[])
    .filter(({ kind }) => kind !== 'PodDisruptionBudget')
    .map(({ kind, metadata }) => ({ kind, namespace: metadata.namespace, name: metadata.name }));
}
