import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { appManifest, type AppOptions, type Json } from '../support/world.ts';

const TOLD_WITHIN = 30_000;

/** Who else writes a workload, and what they do to it: with the field managers, labels and annotations of those tools, on real objects. */
describe('a workload that others manage, too, on a real cluster', () => {
  /** Of operators that are not here: their objects must exist, or the garbage collector takes what they own. */
  const group = `owners-${randomBytes(3).toString('hex')}`;
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ policy: () => 'apps:\n  pair: { workloads: [deployment/pair-a, deployment/pair-b] }' });
    await stage.apply([
      aResource(`${group}.zalan.do`, 'Postgresql', 'postgresqls'),
      aResource(`${group}.kruise.io`, 'UnitedDeployment', 'uniteddeployments'),
    ]);
    await stage.kubectl(
      'wait',
      '--for=condition=Established',
      '--timeout=30s',
      'crd',
      `postgresqls.${group}.zalan.do`,
      `uniteddeployments.${group}.kruise.io`,
    );
  }, 120_000);
  afterAll(async () => {
    await stage?.kubectl(
      'delete',
      'crd',
      `postgresqls.${group}.zalan.do`,
      `uniteddeployments.${group}.kruise.io`,
      '--ignore-not-found',
      '--wait=false',
    );
    await stage?.close();
  }, 60_000);

  interface Managed extends Omit<AppOptions, 'image'> {
    manager: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    template?: { annotations: Record<string, string> };
    owner?: { apiVersion: string; kind: string; name: string; uid: string };
  }
  /** The app as that tool applies it. */
  const manifestOf = (app: string, { labels, annotations, template, owner, manager: _manager, ...options }: Managed): Json => {
    const manifest: Json = appManifest(stage.namespace, app, { image: stage.image(app), pullPolicy: 'Always', replicas: 1, ...options });
    Object.assign(manifest.metadata.labels, labels);
    if (annotations !== undefined) manifest.metadata.annotations = annotations;
    if (template !== undefined) manifest.spec.template.metadata.annotations = template.annotations;
    if (owner !== undefined) manifest.metadata.ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: true }];
    return manifest;
  };
  const managed = async (app: string, how: Managed): Promise<{ applyAgain: () => Promise<void> }> => {
    await stage.push(app);
    const applyAgain = () => stage.apply(manifestOf(app, how), how.manager);
    await applyAgain();
    await stage.ready(app, how.replicas ?? 1);
    await stage.push(app);
    return { applyAgain };
  };
  /** The plan alone: what somebody reads before they decide. */
  const planOf = async (app: string): Promise<string> => {
    await stage.say(`/repull ${app} staging --dry-run`);
    return await stage.shows(app, /Also managed by/);
  };
  const succeeds = async (app: string, more = '') => expect(await stage.repull(app, more)).toMatch(/Succeeded/);
  /** How long after it was done the card says so, milliseconds; then the thread does, too. */
  const untilTold = async (app: string, done: () => Promise<unknown>, says: string): Promise<number> => {
    await done();
    const since = performance.now();
    const text = await stage.shows(app, /Not so any more/, 45);
    const took = performance.now() - since;
    expect(text).toContain(says);
    await until(() => stage.thread(app).some((entry) => entry.includes(says)), {
      what: `the thread of ${app} says so, too`,
      // Slack takes one message a second in a channel, and all apps of this file share one.
      withinMs: 60_000,
      everyMs: 100,
    });
    return took;
  };
  const argo = (app: string) => ({ 'argocd.argoproj.io/tracking-id': `storefront:apps/Deployment:${stage.namespace}/${app}` });

  it.concurrent('Argo CD: a change of image or policy is refused, done with --force, and told when it is taken back', async () => {
    const { applyAgain } = await managed('argo-field', {
      manager: 'argocd-controller',
      annotations: argo('argo-field'),
      pullPolicy: 'IfNotPresent',
    });
    const refused = await stage.repull('argo-field');
    expect(refused).toMatch(/argo-cd \(storefront\) writes this workload too/);
    expect(refused).toMatch(/--via always --force/);
    await succeeds('argo-field', '--force');
    expect(
      await untilTold(
        'argo-field',
        applyAgain,
        'Argo CD (field manager argocd-controller) reverted the change: the pull policy of app is IfNotPresent again',
      ),
    ).toBeLessThan(TOLD_WITHIN);
  });

  it.concurrent('Argo CD: taken back in the middle of the rollout, the request ends as superseded, by name', async () => {
    const env = { READY_AFTER: '12s' };
    const how = { manager: 'argocd-controller', annotations: argo('argo-heals'), pullPolicy: 'IfNotPresent' as const, env };
    const { applyAgain } = await managed('argo-heals', how);
    const ended = stage.repull('argo-heals', '--via pin --force');
    const isPinned = async () => (await stage.object('deployment', 'argo-heals')).spec.template.spec.containers[0].image.includes('@');
    await until(isPinned, { what: 'it is pinned', withinMs: 60_000, everyMs: 250 });
    await applyAgain();
    expect(await ended).toMatch(/Superseded[\s\S]*Replaced by a newer change:\W+argocd-controller/);
  });

  it.concurrent('Argo CD: a restart annotation outlives its syncs', async () => {
    const how = { manager: 'argocd-controller', annotations: argo('argo-kept'), template: { annotations: { 'in-git': 'yes' } } };
    const { applyAgain } = await managed('argo-kept', how);
    expect(await planOf('argo-kept')).toMatch(/Also managed by: argo-cd storefront/);
    const text = await stage.repull('argo-kept');
    expect(text).toMatch(/Succeeded/);
    expect(text).toMatch(/`restart`: .*only an annotation changes/);
    const stamped = (await stage.object('deployment', 'argo-kept')).spec.template.metadata.annotations as Record<string, string>;
    expect(Object.keys(stamped).toSorted()).toEqual(['in-git', 'kubectl.kubernetes.io/restartedAt', 'repull.dev/request']);
    await applyAgain();
    expect((await stage.object('deployment', 'argo-kept')).spec.template.metadata.annotations).toEqual(stamped);
  });

  it.concurrent('Argo CD: a template without annotations is warned about, and losing the stamp is told', async () => {
    await managed('argo-bare', { manager: 'argocd-controller', annotations: argo('argo-bare') });
    expect(await planOf('argo-bare')).toMatch(
      /Argo CD may take the restart annotation back, because the template has no annotations in Git/,
    );
    await succeeds('argo-bare');
    // Removing fields leaves no trace of whoever removed them.
    const patch = JSON.stringify({ spec: { template: { metadata: { annotations: null } } } });
    const strip = () => stage.kubectl('patch', 'deployment', 'argo-bare', '--type=merge', '--field-manager=argocd-controller', '-p', patch);
    expect(
      await untilTold(
        'argo-bare',
        strip,
        'somebody (the cluster does not note who; it is managed by argo-cd (storefront)) removed the stamp',
      ),
    ).toBeLessThan(TOLD_WITHIN);
  });

  it.concurrent('Flux: a forced pin is told when kustomize-controller puts the tag back', async () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };
    const { applyAgain } = await managed('flux', { manager: 'kustomize-controller', labels, pullPolicy: 'IfNotPresent' });
    expect(await stage.repull('flux', '--via pin')).toMatch(
      /flux \(apps\) writes this workload too \(label kustomize.toolkit.fluxcd.io\/name\)/,
    );
    await succeeds('flux', '--via pin --force');
    expect(
      await untilTold(
        'flux',
        applyAgain,
        `Flux (field manager kustomize-controller) reverted the change: app is ${stage.image('flux')} again`,
      ),
    ).toBeLessThan(TOLD_WITHIN);
  });

  it.concurrent('Helm: a pin is made with a warning, and told when an upgrade puts the tag back', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    const annotations = { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': stage.namespace };
    const { applyAgain } = await managed('chart', { manager: 'helm', labels, annotations, pullPolicy: 'IfNotPresent' });
    const plan = await planOf('chart');
    expect(plan).toMatch(/method `pin`/);
    expect(plan).toMatch(/the next upgrade of Helm release shop puts the chart's image and policy back/);
    await succeeds('chart');
    expect(
      await untilTold('chart', applyAgain, `Helm (field manager helm) reverted the change: app is ${stage.image('chart')} again`),
    ).toBeLessThan(TOLD_WITHIN);
  });

  it.concurrent('an operator: pods are evicted, because it would undo a change of the template; told when it writes another image', async () => {
    await stage.apply({ apiVersion: `${group}.zalan.do/v1`, kind: 'Postgresql', metadata: { name: 'boss' } });
    const { metadata } = await stage.object(`postgresqls.${group}.zalan.do`, 'boss');
    const owner = { apiVersion: `${group}.zalan.do/v1`, kind: 'Postgresql', name: 'boss', uid: metadata.uid as string };
    await managed('operated', { manager: 'postgres-operator', owner });
    expect(await stage.repull('operated', '--via restart')).toMatch(/operator \(Postgresql\/boss\) writes this workload too/);
    const text = await stage.repull('operated');
    expect(text).toMatch(/Succeeded/);
    expect(text).toMatch(/`evict`: .*operator \(Postgresql\/boss\) would undo a change of the template/);
    expect((await stage.object('deployment', 'operated')).spec.template.metadata.annotations).toBeUndefined();
    const before = await stage.push('operated', { tag: 'v0' });
    const how = { manager: 'postgres-operator', owner };
    const other = manifestOf('operated', how);
    other.spec.template.spec.containers[0].image = before.ref;
    expect(
      await untilTold(
        'operated',
        () => stage.apply(other, 'postgres-operator'),
        `postgres-operator reverted the change: app is ${before.ref} now`,
      ),
    ).toBeLessThan(TOLD_WITHIN);
  });

  it.concurrent('Kruise: what a UnitedDeployment writes is not changed by a template', async () => {
    await stage.apply({ apiVersion: `${group}.kruise.io/v1`, kind: 'UnitedDeployment', metadata: { name: 'united' } });
    const { metadata } = await stage.object(`uniteddeployments.${group}.kruise.io`, 'united');
    const owner = { apiVersion: `${group}.kruise.io/v1`, kind: 'UnitedDeployment', name: 'united', uid: metadata.uid as string };
    await managed('kruised', { manager: 'kruise-manager', owner });
    const plan = await planOf('kruised');
    expect(plan).toMatch(/Also managed by: kruise UnitedDeployment\/united/);
    expect(plan).toMatch(/method `evict`: .*kruise \(UnitedDeployment\/united\) would undo a change of the template/);
  });

  it.concurrent('autoscalers are named in the plan, horizontal and vertical', async () => {
    await managed('scaled', { manager: 'test' });
    await stage.apply({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'scaled-hpa', namespace: stage.namespace },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' }, minReplicas: 1, maxReplicas: 3 },
    });
    const updates = 'vpaUpdates=Pod resources updated by scaled-vpa: container 0: cpu request, memory request';
    await stage.kubectl('annotate', 'pods', '-l', 'app=scaled', 'vpaObservedContainers=app', updates);
    const plan = await planOf('scaled');
    expect(plan).toMatch(/Also managed by: hpa scaled-hpa, vpa scaled-vpa/);
    expect(plan).toMatch(/autoscaler scaled-hpa may change the number of pods meanwhile \(1 to 3\)/);
    expect(plan).toMatch(/vpa \(scaled-vpa\) evicts its pods by itself/);
  });

  it.concurrent('kubectl rollout undo after success is told', async () => {
    await managed('undone', { manager: 'test', pullPolicy: 'IfNotPresent' });
    await succeeds('undone');
    const undo = () => stage.kubectl('rollout', 'undo', 'deployment/undone');
    expect(
      await untilTold(
        'undone',
        undo,
        `somebody with kubectl (field manager kubectl) reverted the change: app is ${stage.image('undone')} again`,
      ),
    ).toBeLessThan(TOLD_WITHIN);
  });

  it.concurrent('of several workloads each is told by itself', async () => {
    const both = ['pair-a', 'pair-b'];
    await Promise.all(both.map((app) => managed(app, { manager: 'test', pullPolicy: 'IfNotPresent' })));
    await succeeds('pair');
    const set = (app: string) => () => stage.kubectl('set', 'image', `deployment/${app}`, `app=${stage.image(app)}`);
    const says = (app: string) =>
      `deployment/${stage.namespace}/${app}: somebody with kubectl (field manager kubectl-set) reverted the change`;
    expect(await untilTold('pair', set('pair-a'), says('pair-a'))).toBeLessThan(TOLD_WITHIN);
    expect(stage.thread('pair').join()).not.toContain(says('pair-b'));
    await set('pair-b')();
    await until(() => stage.thread('pair').some((entry) => entry.includes(says('pair-b'))), {
      what: 'the second is told, too',
      withinMs: 60_000,
      everyMs: 100,
    });
  });

  it.concurrent('kubectl set image after a mere restart is told with the new image', async () => {
    await managed('reset', { manager: 'test' });
    await succeeds('reset');
    const other = await stage.push('reset', { tag: 'v2' });
    const set = () => stage.kubectl('set', 'image', 'deployment/reset', `app=${other.ref}`);
    expect(
      await untilTold('reset', set, `somebody with kubectl (field manager kubectl-set) reverted the change: app is ${other.ref} now`),
    ).toBeLessThan(TOLD_WITHIN);
  });

  it.concurrent('a workload that is deleted after success is told', async () => {
    await managed('short-lived', { manager: 'test' });
    await succeeds('short-lived');
    expect(await untilTold('short-lived', () => stage.kubectl('delete', 'deployment', 'short-lived'), 'it was deleted.')).toBeLessThan(
      TOLD_WITHIN,
    );
  });

  it.concurrent('a workload that a tool deletes and creates again is told, with the name of the tool', async () => {
    const { applyAgain } = await managed('reborn', { manager: 'helm' });
    await succeeds('reborn');
    const replace = async () => {
      await stage.kubectl('delete', 'deployment', 'reborn');
      await applyAgain();
    };
    expect(await untilTold('reborn', replace, 'it was deleted, and Helm (field manager helm) created it again.')).toBeLessThan(TOLD_WITHIN);
  });
});

const aResource = (group: string, kind: string, plural: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
});
