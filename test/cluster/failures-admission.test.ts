import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failingApp, type FailingApp } from '../support/failing-app.ts';
import { judgeFailures, plain, type Failing } from '../support/failing.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import type { Json } from '../support/world.ts';

/** Pods and writes that the API server does not let in. What is of the whole cluster carries the name of the stage, and is taken away again. */
describe('a change that the cluster does not let in, on a real cluster', () => {
  let stage: Stage;
  let failing: Failing;
  const mine = (app: string): string => `${stage.namespace}-${app}`;

  beforeAll(async () => {
    stage = await openStage();
    failing = await judgeFailures(stage);
  }, 120_000);
  afterAll(async () => {
    await failing?.close();
    for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy', 'validatingwebhookconfiguration', 'priorityclass'])
      await stage?.kubectl('delete', kind, '-l', `repull-stage=${stage.namespace}`);
    await stage?.close();
  }, 60_000);

  const start = async (app: string, options: FailingApp = {}): Promise<void> => {
    await stage.push(app);
    await stage.apply(failingApp(stage.namespace, app, stage.image(app), options));
    await stage.ready(app, options.replicas ?? 1);
    await stage.push(app);
  };
  const metadata = (app: string) => ({ name: mine(app), labels: { 'repull-stage': stage.namespace } });
  const scope = (app: string) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stage.namespace } },
    objectSelector: { matchLabels: { app } },
  });
  const rule = (apiGroup: string, resource: string, operation: string) => ({
    apiGroups: [apiGroup],
    apiVersions: ['v1'],
    operations: [operation],
    resources: [resource],
  });
  /** Its service is not there. */
  const webhook = (app: string, rules: object): Json => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: metadata(app),
    webhooks: [
      {
        name: `${app}.repull.test`,
        rules: [rules],
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 2,
        clientConfig: { url: 'https://127.0.0.1:1/admit' },
        ...scope(app),
      },
    ],
  });
  /** Admission rules work a moment after they were written. */
  const untilRefused = async (app: string): Promise<void> => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', labels: { app } },
      spec: { containers: [{ name: 'app', image: 'x' }] },
    };
    await until(
      async () => (await stage.world.request('POST', `/api/v1/namespaces/${stage.namespace}/pods?dryRun=All`, pod)).status > 299,
      { what: `the rule over ${app} works`, withinMs: 60_000, everyMs: 250 },
    );
  };

  it.concurrent('a quota without room for the surge: after half a minute without any progress', async () => {
    const app = 'z-quota';
    await stage.apply({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: metadata(app), value: 1 });
    await start(app, { pod: { priorityClassName: mine(app) } });
    const selector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: [mine(app)] }] };
    await stage.apply({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: app },
      spec: { hard: { pods: '1' }, scopeSelector: selector },
    });
    await until(async () => (await stage.object('resourcequota', app)).status?.used?.pods === '1', {
      what: 'the quota counts',
      withinMs: 60_000,
      everyMs: 250,
    });
    await stage.say(`/repull ${app} staging`);
    await failing.shows(app, /deployment\/z-quota gets no new pods yet: .*exceeded quota: z-quota.* repull waits 30 s/);
    const text = await failing.failed(app);
    failing.inTime(app, failing.reports.of(app, /^FailedCreate: .*exceeded quota/)[0], 30_000);
    expect(text).toMatch(/A quota stops the new pods of deployment\/z-quota\./);
    expect(text).toMatch(/exceeded quota: z-quota, requested: pods=1, used: pods=1, limited: pods=1/);
    expect(text).toMatch(/Next: Raise the quota, scale something down, or lower maxSurge/);
    expect(text).toMatch(/To see more: kubectl -n \S+ describe quota/);
  });

  it.concurrent('a policy that refuses the new pods: at the second refusal, in its own words', async () => {
    const app = 'z-policy';
    await start(app);
    const { namespaceSelector, objectSelector } = scope(app);
    await stage.apply([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: metadata(app),
        spec: {
          matchConstraints: { namespaceSelector, objectSelector, resourceRules: [rule('', 'pods', 'CREATE')] },
          validations: [{ expression: 'false', message: 'images here need the blessing of the platform team' }],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: metadata(app),
        spec: { policyName: mine(app), validationActions: ['Deny'] },
      },
    ]);
    await untilRefused(app);
    const text = await failing.fails(app);
    failing.inTime(app, failing.reports.of(app, /^FailedCreate/)[1]);
    expect(text).toMatch(/An admission rule refused deployment\/z-policy\./);
    expect(text).toMatch(/ValidatingAdmissionPolicy '\S+-z-policy' .*denied request: images here need the blessing of the platform team/);
    expect(text).toMatch(/Next: Satisfy the rule, or ask its owner\./);
  });

  it.concurrent('a webhook that is away when pods are to be made: said meanwhile, given time, and over when it is', async () => {
    const app = 'z-webhook';
    await start(app);
    await stage.apply(webhook(app, rule('', 'pods', 'CREATE')));
    await untilRefused(app);
    await stage.say(`/repull ${app} staging`);
    await failing.shows(app, /gets no new pods yet: .*failed calling webhook "z-webhook\.repull\.test".* repull waits 5 min/);
    await until(() => failing.reports.of(app, /^FailedCreate/).length >= 8, { what: 'eight refusals', withinMs: 60_000, everyMs: 250 });
    expect(await failing.shows(app, /\S/)).toMatch(/^Rolling out/);
    await stage.kubectl('delete', 'validatingwebhookconfiguration', mine(app));
    await failing.shows(app, /^Succeeded/, 120);
  });

  it.concurrent('a webhook that is away when repull itself writes: at once, and nothing was changed', async () => {
    const app = 'z-locked';
    await start(app);
    await stage.apply(webhook(app, rule('apps', 'deployments', 'UPDATE')));
    await until(
      async () => (await stage.kubectl('label', 'deployment', app, 'x=y', '--dry-run=server').catch(() => 'refused')) === 'refused',
      { what: 'the webhook works', withinMs: 60_000, everyMs: 250 },
    );
    const text = await failing.fails(app);
    expect(text).toMatch(/An admission rule refused deployment\/\S+z-locked\./);
    expect(text).toMatch(/failed calling webhook "z-locked\.repull\.test"/);
    expect(text).toMatch(/Next: bring the service behind the webhook z-locked\.repull\.test back, then press Retry/);
    expect(text).toMatch(/Nothing was changed\./);
    expect((await stage.object('deployment', app)).metadata.generation).toBe(1);
  });

  it('a right that the worker lacks: which verb on which resource, and the line for its Role', async () => {
    const roles = JSON.parse(await stage.kubectl('get', 'roles', '-o', 'json')) as Json;
    const role = roles.items.find(({ rules }: Json) => rules.some(({ resources }: Json) => resources.includes('deployments')));
    const without = async (resource: string, verb: string): Promise<void> => {
      const rules = role.rules.map((each: Json) =>
        each.resources.includes(resource) ? { ...each, verbs: each.verbs.filter((one: string) => one !== verb) } : each,
      );
      await stage.kubectl('patch', 'role', role.metadata.name, '--type=merge', '-p', JSON.stringify({ rules }));
    };
    await start('z-rights');
    await without('deployments', 'patch');
    const write = await failing.fails('z-rights');
    expect(write).toMatch(/repull has no Kubernetes right for patch deployments\./);
    expect(write).toMatch(
      /Next: add to the worker's Role in namespace \S+: \{ apiGroups: \["apps"\], resources: \["deployments"\], verbs: \["patch"\] \}/,
    );
    expect(write).toMatch(
      /deployments\.apps "z-rights" is forbidden: User "system:serviceaccount:\S+" cannot patch resource "deployments"/,
    );
    expect(write).toMatch(/Nothing was changed\./);
    await without('pods', 'list');
    const read = plain(await stage.repull('z-rights'));
    expect(read).toMatch(/^Refused/);
    expect(read).toMatch(/repull has no Kubernetes right for list pods\./);
    expect(read).toMatch(/verbs: \["list"\]/);
  });
});
