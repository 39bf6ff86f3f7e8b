import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ctr, pushSameCode, tagManifest } from '../support/images.ts';
import { PASSWORD, startRealRegistry, USER, type RealRegistry } from '../support/real-registry.ts';
import { pushImage, type PushedImage as Pushed } from '../support/push.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { appManifest, type AppOptions, type Json } from '../support/world.ts';

const NODE_1 = { nodeSelector: { 'repull.test/node': '1' } };
/** The first word of a card or answer. */
const ended = (word: string): RegExp => new RegExp(`^[#*\\s]*${word}\\b`);

describe('containers and images on a real cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => {
    await stage?.kubectl(
      'delete',
      'mutatingadmissionpolicy,mutatingadmissionpolicybinding',
      `always-${stage.namespace}`,
      '--ignore-not-found',
    );
    await stage?.close();
  }, 60_000);

  /** A Deployment of one pod; `pod` is merged into its pod spec. */
  const create = async (name: string, options: Partial<AppOptions>, pod: Json = {}, wait = true) => {
    const manifest: Json = appManifest(stage.namespace, name, { image: stage.image(name), replicas: 1, ...options });
    Object.assign(manifest.spec.template.spec, pod);
    await stage.apply(manifest);
    if (wait) await stage.ready(name, 1);
  };
  const containersOf = async (name: string): Promise<Json[]> => (await stage.object('deployment', name)).spec.template.spec.containers;
  const short = (digest: string) => digest.slice('sha256:'.length, 'sha256:'.length + 12);
  /** What each container of the app's only pod shows. */
  const shown = async (name: string): Promise<Record<string, string>> => {
    const pods = JSON.parse(await stage.kubectl('get', 'pods', '-l', `app=${name}`, '-o', 'json')) as Json;
    const { status } = pods.items.find((pod: Json) => pod.metadata.deletionTimestamp === undefined);
    return Object.fromEntries(
      [...(status.initContainerStatuses ?? []), ...status.containerStatuses].map((one: Json) => [one.name, one.imageID]),
    );
  };

  it.concurrent('init containers, native sidecars and containers of different policies are each judged; an ephemeral one is ignored', async () => {
    const images = ['mixed-init', 'mixed-proxy', 'mixed', 'mixed-tool'];
    for (const image of images) await stage.push(image);
    const command = ['/app', 'version'];
    await create(
      'mixed',
      {},
      {
        initContainers: [
          { name: 'prepare', image: stage.image('mixed-init'), imagePullPolicy: 'IfNotPresent', command },
          { name: 'proxy', image: stage.image('mixed-proxy'), imagePullPolicy: 'Always', restartPolicy: 'Always' },
        ],
        containers: [
          { name: 'app', image: stage.image('mixed'), imagePullPolicy: 'Always' },
          { name: 'tool', image: stage.image('mixed-tool'), imagePullPolicy: 'IfNotPresent' },
        ],
      },
    );
    const [pod] = await stage.pods('mixed');
    const ephemeralContainers = [{ name: 'debugger', image: stage.image('mixed'), targetContainerName: 'app' }];
    const path = `/api/v1/namespaces/${stage.namespace}/pods/${pod?.name}/ephemeralcontainers`;
    const added = await stage.world.request('PATCH', path, { spec: { ephemeralContainers } }, 'application/strategic-merge-patch+json');
    expect(added.status).toBe(200);
    const fresh: Record<string, string> = {};
    for (const image of images) fresh[image] = (await stage.push(image)).digest;
    const text = await stage.repull('mixed');
    expect(text).toMatch(ended('Succeeded'));
    expect(text.match(/pulled new/g)).toHaveLength(4);
    expect(text).toContain('*prepare* (init)');
    expect(text).toContain('*proxy* (sidecar)');
    expect(text).not.toContain('debugger');
    const now = await shown('mixed');
    expect(now).toEqual({
      prepare: expect.stringContaining(fresh['mixed-init'] ?? 'none'),
      proxy: expect.stringContaining(fresh['mixed-proxy'] ?? 'none'),
      app: expect.stringContaining(fresh['mixed'] ?? 'none'),
      tool: expect.stringContaining(fresh['mixed-tool'] ?? 'none'),
    });
  });

  it.concurrent('--container concerns one container; its neighbour restarts and nothing is claimed about it', async () => {
    for (const image of ['pair', 'pair-tool']) await stage.push(image);
    const containers = ['pair', 'pair-tool'].map((name) => ({ name, image: stage.image(name), imagePullPolicy: 'Always' }));
    await create('pair', {}, { containers });
    await stage.push('pair');
    const fresh = await stage.push('pair-tool');
    const text = await stage.repull('pair', '--container pair-tool');
    expect(text).toMatch(ended('Succeeded'));
    expect(text.match(/pulled new/g)).toHaveLength(1);
    expect(text).toContain(`now \`sha256:${short(fresh.digest)}`);
    expect(text).toContain('Restarting with them: pair');
    expect(await stage.repull('pair', '--container sidecar')).toMatch(/containers of deployment\/pair: pair, pair-tool/);
  });

  it.concurrent('the same code pushed again under a new index digest is nothing new, and forced it is "pulled, unchanged"', async () => {
    const old = await stage.push('recoded', { index: true });
    await create('recoded', { pullPolicy: 'Always' }, NODE_1);
    const next = await pushSameCode(stage.world.registry, `${stage.namespace}/recoded`, 'v1', { after: old.digest });
    expect(next).not.toBe(old.digest);
    const refused = await stage.repull('recoded');
    expect(refused).toMatch(ended('Refused'));
    expect(refused).toContain(`${old.digest} is the same image under another digest`);
    const text = await stage.repull('recoded', '--force');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/pulled, unchanged/);
    // The runtime goes on showing the old index, because it sorts first: a comparison of digests alone would call it wrong.
    expect((await shown('recoded'))['app']).toContain(old.digest);
    expect(text).toContain(`registry \`sha256:${short(next)}`);
  });

  it.concurrent('a pod that shows another repository, because its node pulled the same code from there, runs the right image', async () => {
    await stage.push('zz-flip', { index: true, version: stage.namespace });
    await create('zz-flip', { pullPolicy: 'Always' }, NODE_1);
    const other = await stage.push('aa-flip', { index: true, version: stage.namespace });
    const twin = await pushSameCode(stage.world.registry, `${stage.namespace}/aa-flip`, 'v1', { after: other.digest });
    await create('aa-flip', { pullPolicy: 'Always' }, NODE_1);
    // A running pod keeps what the kubelet saw when its container started; its successor shows what the runtime now names first.
    await stage.kubectl('delete', 'pod', '-l', 'app=zz-flip');
    await stage.ready('zz-flip', 1);
    expect((await shown('zz-flip'))['app']).toContain(`aa-flip@${twin}`);
    expect(await stage.repull('zz-flip')).toMatch(/nothing new to pull/);
    const fresh = await stage.push('zz-flip', { index: true });
    const text = await stage.repull('zz-flip');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/pulled new/);
    expect((await shown('zz-flip'))['app']).toContain(`zz-flip@${fresh.digest}`);
    // What ran before has a name in the other repository only: that is the way back.
    await stage.say('/repull rollback zz-flip staging');
    expect(await stage.shows('zz-flip', /^[#*\s]*(?:Succeeded|Failed|Refused)[\s\S]*recorded before/)).toMatch(ended('Succeeded'));
    expect((await containersOf('zz-flip'))[0].image).toBe(`${stage.image('aa-flip').replace(/:v1$/, '')}@${twin}`);
  });

  it.concurrent('a multi-arch tag is told by its index digest, before, in the registry and after', async () => {
    const old = await stage.push('multi', { index: true });
    await create('multi', { pullPolicy: 'Always' });
    const fresh = await stage.push('multi', { index: true });
    const text = await stage.repull('multi');
    expect(text).toMatch(ended('Succeeded'));
    const chain = [old.digest, fresh.digest, fresh.digest].map(short);
    expect(text).toMatch(new RegExp(`before .*${chain[0]}.* registry .*${chain[1]}.* now .*${chain[2]}`));
  });

  it.concurrent('a single manifest that was built for another architecture is said in the plan: nodes fetch it all the same', async () => {
    await stage.push('foreign');
    await create('foreign', { pullPolicy: 'Always' });
    const { manifests } = (await stage.push('foreign', { tag: 'both', index: true })) as Pushed;
    await tagManifest(stage.world.registry, `${stage.namespace}/foreign`, manifests['linux/arm64'] ?? '', 'v1');
    await stage.say('/repull foreign staging --dry-run');
    expect(await stage.shows('foreign', /was built for/)).toMatch(/built for linux\/arm64, its pods run on linux\/amd64 \(node-\d\)/);
    // The program inside is the test's own, for this machine: that it starts shows that the kubelet does not look.
    expect(await stage.repull('foreign')).toMatch(/pulled new/);
    expect((await shown('foreign'))['app']).toContain(manifests['linux/arm64']);
  });

  it.concurrent('an image without a tag means latest, whose default policy is Always; a tag’s default is IfNotPresent', async () => {
    await stage.push('untagged', { tag: 'latest' });
    await stage.push('tagged');
    await create('untagged', { image: stage.image('untagged').replace(/:v1$/, '') });
    await create('tagged', {});
    expect((await containersOf('untagged'))[0].imagePullPolicy).toBe('Always');
    expect((await containersOf('tagged'))[0].imagePullPolicy).toBe('IfNotPresent');
    const latest = await stage.push('untagged', { tag: 'latest' });
    const tagged = await stage.push('tagged');
    const [first, second] = await Promise.all([stage.repull('untagged'), stage.repull('tagged')]);
    expect(first).toMatch(/\*Method\* `restart`[\s\S]*Always/);
    expect(first).toMatch(/pulled new/);
    expect((await shown('untagged'))['app']).toContain(latest.digest);
    expect(second).toMatch(/\*Method\* `pin`[\s\S]*IfNotPresent/);
    expect((await containersOf('tagged'))[0].image).toBe(`${stage.image('tagged')}@${tagged.digest}`);
  });

  it.concurrent('a tag with a digest is immutable until --pin moves it; a digest alone is immutable', async () => {
    const old = await stage.push('pinned');
    await create('pinned', { image: `${stage.image('pinned')}@${old.digest}` });
    const alone = await stage.push('bare');
    await create('bare', { image: `${stage.image('bare').replace(/:v1$/, '')}@${alone.digest}` });
    const fresh = await stage.push('pinned');
    const [pinned, bare] = await Promise.all([stage.repull('pinned'), stage.repull('bare')]);
    expect(pinned).toMatch(ended('Refused'));
    expect(pinned).toContain('/repull pinned staging --pin');
    expect(bare).toMatch(ended('Refused'));
    expect(bare).not.toContain('--pin');
    const moved = await stage.repull('pinned', '--pin');
    expect(moved).toMatch(ended('Succeeded'));
    expect(moved).toMatch(/pulled new/);
    expect((await containersOf('pinned'))[0].image).toBe(`${stage.image('pinned')}@${fresh.digest}`);
  });

  it.concurrent('a short name is Docker Hub’s, and a registry that cannot be asked leaves it unknown, and says so', async () => {
    await create('hub', { image: 'repull-no-such-image', pullPolicy: 'IfNotPresent' }, {}, false);
    await stage.say('/repull check hub staging');
    // Where Docker Hub can be reached it answers that it has no such image, which is no "nothing newer" either.
    const text = await stage.shows('hub', /unverifiable|docker\.io/);
    expect(text).toContain('repull-no-such-image');
    expect(text).not.toMatch(/cache, but correct|nothing newer/);
  });

  it.concurrent('an image volume is announced in the plan and called unverifiable at the end', async () => {
    await stage.push('models');
    // The same image in both: what the kubelet says about the volume must not count for the container.
    const image = { reference: stage.image('models'), pullPolicy: 'Always' };
    // Declared and not mounted: containerd before 2.1 cannot mount it.
    await create('models', { pullPolicy: 'Always' }, { volumes: [{ name: 'data', image }] });
    expect(await stage.repull('models')).toMatch(/nothing new[\s\S]*image volume data: whether the pods hold/);
    await stage.push('models');
    await stage.say('/repull models staging --dry-run');
    expect(await stage.shows('models', /comes back with the pod/)).toMatch(
      /image volume data \(.*models:v1\) comes back with the pod.*unverifiable/,
    );
    const text = await stage.repull('models');
    expect(text).toMatch(ended('Succeeded'));
    expect(text.match(/pulled new/g)).toHaveLength(1);
    const note = /image volume data \(.*models:v1\) came with the new pods; what it holds is unverifiable/;
    await until(() => note.test(stage.thread('models').join('\n')), { what: 'the thread says so', withinMs: 30_000 });
  });

  it.concurrent('where admission makes every pod pull always, the policy of the pods counts and a restart is enough', async () => {
    const { namespace } = stage;
    const name = `always-${namespace}`;
    const api = 'admissionregistration.k8s.io/v1';
    const expression = `Object{spec: Object.spec{containers: object.spec.containers.map(one,
      Object.spec.containers{name: one.name, imagePullPolicy: "Always"})}}`;
    await stage.apply([
      {
        apiVersion: api,
        kind: 'MutatingAdmissionPolicy',
        metadata: { name },
        spec: {
          matchConstraints: {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            objectSelector: { matchLabels: { app: 'admitted' } },
            resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          },
          failurePolicy: 'Fail',
          reinvocationPolicy: 'IfNeeded',
          mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
        },
      },
      { apiVersion: api, kind: 'MutatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name } },
    ]);
    await stage.push('admitted');
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', labels: { app: 'admitted' } } };
    const container = { name: 'app', image: stage.image('admitted'), imagePullPolicy: 'IfNotPresent' };
    const probe = { ...pod, spec: { containers: [container] } };
    await until(
      async () => {
        const { body } = await stage.world.request('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, probe);
        return body.spec?.containers[0].imagePullPolicy === 'Always';
      },
      { what: 'the policy is in force', withinMs: 30_000, everyMs: 500 },
    );
    await create('admitted', { pullPolicy: 'IfNotPresent' });
    const fresh = await stage.push('admitted');
    const text = await stage.repull('admitted');
    expect(text).toMatch(/\*Method\* `restart`/);
    expect(text).toMatch(/pulled new/);
    expect(text).toContain(`now \`sha256:${short(fresh.digest)}`);
    expect((await containersOf('admitted'))[0].imagePullPolicy).toBe('IfNotPresent');
  });

  it.concurrent('a node that had thrown the image away fetches it in spite of IfNotPresent, and the verdict is what the kubelet did', async () => {
    await stage.push('collected');
    await create('collected', { pullPolicy: 'IfNotPresent' }, NODE_1);
    const names = (await ctr('node-1', 'images', 'ls', '-q')).split('\n').filter((line) => line.includes(`/${stage.namespace}/collected`));
    await ctr('node-1', 'images', 'rm', ...names);
    const fresh = await stage.push('collected');
    const text = await stage.repull('collected', '--via restart --force');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/pulled new/);
    expect((await shown('collected'))['app']).toContain(fresh.digest);
  });

  it.concurrent('a kubelet that contacts the registry only because the pull secret is another one re-pulled nothing new', async () => {
    const secret = (password: string) => {
      const auth = Buffer.from(`someone:${password}`).toString('base64');
      const config = JSON.stringify({ auths: { [stage.world.registry]: { auth } } });
      const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
      return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'verified' }, type: 'kubernetes.io/dockerconfigjson', data };
    };
    await stage.push('verified');
    await stage.apply(secret('one'));
    await create('verified', { pullPolicy: 'IfNotPresent' }, { ...NODE_1, imagePullSecrets: [{ name: 'verified' }] });
    await stage.kubectl('delete', 'secret', 'verified');
    await stage.apply(secret('two'));
    const text = await stage.repull('verified', '--via restart --force');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/pulled, unchanged/);
    expect(text).not.toMatch(/pulled new|from node cache/);
  });

  describe('from a private registry', () => {
    let open: RealRegistry;
    let locked: RealRegistry;
    beforeAll(async () => {
      open = await startRealRegistry();
      locked = await startRealRegistry({ sameContentAs: open, htpasswd: true });
    });
    afterAll(async () => {
      await locked.stop();
      await open.stop();
    });
    const auth = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64');
    const port = () => locked.host.split(':')[1] ?? '';

    it.concurrent.each([
      ['dockerconfigjson', () => ({ '.dockerconfigjson': encoded({ auths: { [locked.host]: { auth } } }) })],
      ['dockercfg', () => ({ '.dockercfg': encoded({ [locked.host]: { auth } }) })],
      ['wildcard', () => ({ '.dockerconfigjson': encoded({ auths: { [`local*:${port()}`]: { auth } } }) })],
    ])('the secret of a service account, as %s, opens it to the kubelet and to repull alike', async (name, data) => {
      const app = `private-${name}`;
      const type = name === 'dockercfg' ? 'kubernetes.io/dockercfg' : 'kubernetes.io/dockerconfigjson';
      const outdated = encoded({ auths: { [locked.host]: { auth: Buffer.from('old:old').toString('base64') } } });
      await stage.apply([
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: app }, type, data: data() },
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: `${app}-old` },
          type: 'kubernetes.io/dockerconfigjson',
          data: { '.dockerconfigjson': outdated },
        },
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: app }, imagePullSecrets: [{ name: `${app}-old` }, { name: app }] },
      ]);
      const path = `${stage.namespace}/${app}:v1`;
      await pushImage(`${open.host}/${path}`);
      await create(app, { image: `${locked.host}/${path}`, pullPolicy: 'Always' }, { serviceAccountName: app });
      const fresh = await pushImage(`${open.host}/${path}`);
      const text = await stage.repull(app);
      expect(text).toMatch(ended('Succeeded'));
      expect(text).toMatch(/pulled new/);
      expect(text).toContain(`registry \`sha256:${short(fresh.digest)}`);
    });
  });
});
