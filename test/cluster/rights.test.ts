import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../src/domain/failure.ts';
import type { WorkloadKind, WorkloadRef } from '../../src/domain/workload.ts';
import type { KubeCluster } from '../../src/kube/kube-cluster.ts';
import { OPTIONAL_RIGHTS, REQUIRED_RIGHTS, type Right } from '../../src/kube/required-rights.ts';
import { aDaemonSet, aDeployment, aStatefulSet, type KubeSubject } from '../contract/kube/subject.ts';
import { aPatch, look, lookUntil, observed, refTo } from '../contract/kube/steps.ts';
import { accountWith, REAL_CLUSTER, realCluster } from '../support/real-cluster.ts';
import { until } from '../support/until.ts';
import { realWorld, type World } from '../support/world.ts';

const NAMESPACE = 'rights-walk';
const ALL: readonly Right[] = [...REQUIRED_RIGHTS, ...OPTIONAL_RIGHTS];

interface Missing {
  right: Right;
  verb: string;
  name: string;
}
/** Every verb of every right, one at a time. */
const walk: Missing[] = ALL.flatMap((right) =>
  right.verbs.map((verb) => ({ right, verb, name: `no-${verb}-${right.resource}`.replaceAll('/', '-') })),
);
const without = ({ right, verb }: Missing): Right[] =>
  ALL.map((each) => (each === right ? { ...each, verbs: each.verbs.filter((one) => one !== verb) } : each)).filter(
    ({ verbs }) => verbs.length > 0,
  );

/** What may be done without being told: `without` of these rights says what is lost. Everything else has to name the right. */
const QUIETLY: Record<string, readonly string[]> = {
  // The look before has named it.
  'get deployments': ['credentials', 'credentials of its account'],
  'get nodes': ['look at Deployment'],
  'get pods/log': ['read the last lines'],
  'get secrets': ['credentials', 'credentials of its account'],
  'get serviceaccounts': ['credentials of its account'],
  'list cronjobs': ['find a name that is nowhere'],
  'list rollouts': ['find a name that is nowhere'],
  'list jobs': ['find a name that is nowhere'],
};

describe.skipIf(!REAL_CLUSTER)('the rights of the worker on a real cluster, each taken away alone', () => {
  let subject: KubeSubject;
  let world: World;
  let refs: WorkloadRef[];
  let baseline: Record<string, string>;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    [subject, world] = await Promise.all([realCluster(NAMESPACE), realWorld()]);
    await fixtures(subject);
    await subject.apply([
      ...accountWith(NAMESPACE, 'everything', ALL),
      ...walk.flatMap((missing) => accountWith(NAMESPACE, missing.name, without(missing))),
    ]);
    for (const name of ['everything', ...walk.map((missing) => missing.name)]) {
      const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`;
      const { body } = await world.request('POST', path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
      tokens.set(name, body.status.token as string);
    }
    const admin = subject.connect();
    refs = KINDS.map((kind) => refTo(kind, NAMESPACE, `walk-${kind.toLowerCase()}`));
    for (const ref of refs.slice(0, 3)) await observed(admin, ref);
    await lookUntil(admin, deployment, 'its container crashed', ({ pods }) => (pods[0]?.containers[0]?.restartCount ?? 0) > 0);
    await admin.close();
    // Roles reach the authoriser through a watch of its own.
    baseline = await until(
      async () => {
        const now = await battery('everything');
        return Object.values(now).some((outcome) => outcome.includes('bot-forbidden')) ? undefined : now;
      },
      { what: 'everything is allowed with all rights', withinMs: 30_000, everyMs: 500 },
    );
  }, 120_000);
  afterAll(async () => {
    await world?.close();
    await subject?.close();
  }, 60_000);

  const KINDS: readonly WorkloadKind[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'CronJob', 'Rollout'];
  const deployment = refTo('Deployment', NAMESPACE, 'walk-deployment');

  /** Everything that the port does, and how it ended; nothing of it changes an object. */
  async function battery(name: string): Promise<Record<string, string>> {
    const cluster = subject.connect({ token: tokens.get(name) ?? '' });
    const admin = subject.connect();
    const done: Record<string, string> = {};
    const run = async (what: string, act: () => Promise<unknown>) => {
      done[what] = JSON.stringify(await act()) ?? 'nothing';
    };
    const sought = { namespaces: [NAMESPACE], workloads: [] };
    await run('find', () => cluster.find({ ...sought, app: deployment.name }));
    await run('find a name that is nowhere', () => cluster.find({ ...sought, app: 'nowhere' }));
    for (const ref of refs) await run(`read ${ref.kind}`, async () => shortOf(await cluster.workload(ref)));
    for (const ref of refs) {
      await run(`look at ${ref.kind}`, async () => {
        const seen = await cluster.snapshot([ref]);
        return seen.ok ? seen.value.nodes.map((node) => node.name) : seen;
      });
      const view = await look(admin, ref);
      // A resourceVersion of long ago: what may be written is answered with a conflict, and nothing is.
      await run(`patch ${ref.kind}`, () => cluster.patch(aPatch(view, { resourceVersion: '1' }), 'r-1'));
    }
    const [pod] = (await look(admin, deployment)).pods;
    const ghost = { namespace: NAMESPACE, name: 'no-such-pod', uid: '00000000-0000-4000-8000-000000000000' };
    await run('evict', () => cluster.evict(ghost, { forceDelete: false }));
    await run('evict the namesake of a pod', () => cluster.evict({ ...ghost, name: pod?.name ?? '' }, { forceDelete: false }));
    await run('delete', () => cluster.deletePod(ghost));
    await run('read the last lines', () => cluster.lastLogs({ namespace: NAMESPACE, name: pod?.name ?? '' }, 'app'));
    await run('credentials', () => cluster.credentials(deployment));
    await run('credentials of its account', () => cluster.credentials(refTo('Deployment', NAMESPACE, 'by-account')));
    const cron = await look(admin, refTo('CronJob', NAMESPACE, 'walk-cronjob'));
    await run('run a job whose name is taken', () =>
      cluster.runJob({ action: 'run-job', workload: cron.workload, uid: cron.workload.uid, job: 'walk-taken' }, 'r-1'),
    );
    await Promise.all([cluster.close(), admin.close()]);
    return done;
  }

  it('all of them together are enough for everything that the port does', () => {
    expect(Object.entries(baseline).filter(([, outcome]) => outcome.includes('bot-forbidden'))).toEqual([]);
    expect(baseline['patch Deployment']).toContain('conflict');
    expect(baseline['read the last lines']).toContain('asked to crash');
    expect(baseline['credentials of its account']).toContain('registry.example');
  });

  it.each(walk.filter(({ verb }) => verb !== 'watch'))(
    '$name: named with its line of the Role, and nothing else breaks',
    async (missing) => {
      const { verb, right } = missing;
      const name = `${verb} ${right.resource}`;
      const rule = `{ apiGroups: ["${right.apiGroup}"], resources: ["${right.resource}"], verbs: ["${verb}"] }`;
      const now = await battery(missing.name);
      const other = Object.keys(baseline).filter((what) => now[what] !== baseline[what]);
      expect(other, 'a right that nothing needs').not.toEqual([]);
      const quietly = QUIETLY[name] ?? [];
      const told = other.filter((what) => !quietly.includes(what));
      const remedy = `add to the worker's Role in namespace ${NAMESPACE}: ${rule}`;
      const failures = told.map((what) => ({ what, ...(JSON.parse(now[what] ?? '') as { failure?: Failure }).failure }));
      expect(failures).toMatchObject(told.map((what) => ({ what, code: 'bot-forbidden', subject: name, remedy })));
      // Nothing is lost in silence that `without` does not speak of.
      expect(told.length > 0 || right.without !== undefined).toBe(true);
      expect(quietly.filter((what) => now[what] === baseline[what])).toEqual([]);
    },
  );

  it.each(walk.filter(({ verb }) => verb === 'watch'))('$name: named in the log, once; the looks go on', async ({ name, right }) => {
    const said: Failure[] = [];
    const times = { inactivityMs: 120_000, backoffMs: 50, maxBackoffMs: 100 };
    const cluster: KubeCluster = subject.connect({
      token: tokens.get(name) ?? '',
      watchTimes: times,
      onForbidden: (failure) => said.push(failure),
    });
    const stops = refs.map((ref) => cluster.watch([ref], () => undefined));
    await until(() => said.length > 0, { what: `watch ${right.resource} is named`, withinMs: 20_000 });
    const rule = `{ apiGroups: ["${right.apiGroup}"], resources: ["${right.resource}"], verbs: ["watch"] }`;
    expect(said).toMatchObject([{ code: 'bot-forbidden', subject: `watch ${right.resource}`, remedy: expect.stringContaining(rule) }]);
    for (const stop of stops) stop();
    await cluster.close();
    expect(await battery(name)).toEqual(baseline);
  });
});

const shortOf = (seen: Awaited<ReturnType<KubeCluster['workload']>>) => (seen.ok ? seen.value.name : seen);

async function fixtures(subject: KubeSubject): Promise<void> {
  const { ref: image } = await subject.push('walk', { crash: true });
  const auths = { 'registry.example': { auth: Buffer.from('user:secret').toString('base64') } };
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
  await subject.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull' }, type: 'kubernetes.io/dockerconfigjson', data });
  await subject.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'pull' }] });
  await subject.apply(aDeployment('walk-deployment', { image, pullSecrets: ['pull'] }));
  await subject.apply(aDeployment('by-account', { image, replicas: 0, serviceAccount: 'puller' }));
  await subject.apply(aStatefulSet('walk-statefulset', { image, replicas: 0 }));
  const daemon = aDaemonSet('walk-daemonset', { image });
  Object.assign(daemon.spec.template.spec, { nodeSelector: { 'no-such': 'node' } });
  await subject.apply(daemon);
  const { spec } = aDeployment('walk-replicaset', { image, replicas: 0 });
  await subject.apply({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'walk-replicaset' }, spec });
  await subject.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'walk-rollout' },
    spec: { replicas: 0, selector: spec.selector, template: spec.template, strategy: { canary: {} } },
  });
  const pod = { metadata: spec.template.metadata, spec: { ...spec.template.spec, restartPolicy: 'Never' } };
  const job = { suspend: true, template: pod };
  const cron = { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: job } };
  await subject.apply({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'walk-cronjob' }, spec: cron });
  await subject.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'walk-taken' }, spec: job });
}
