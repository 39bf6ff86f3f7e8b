import { afterAll, describe, expect, it } from 'vitest';
import { OPTIONAL_RIGHTS, REQUIRED_RIGHTS, type Right } from '../../../src/kube/required-rights.ts';
import { until } from '../../support/until.ts';
import { aDeployment, type KubeSubject } from './subject.ts';
import { aPatch, failure, lookUntil, onlyPod, refTo, settled, value } from './steps.ts';

const without = (verb: string, resource: string): Right[] =>
  REQUIRED_RIGHTS.map((right) =>
    right.resource === resource ? { ...right, verbs: right.verbs.filter((one) => one !== verb) } : right,
  ).filter(({ verbs }) => verbs.length > 0);

const dockerConfig = (host: string, username: string) => ({
  auths: { [host]: { auth: Buffer.from(`${username}:secret`).toString('base64') } },
});
const encoded = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64');

export function rightsCases(given: () => KubeSubject): void {
  describe('the rights that repull asks for', () => {
    afterAll(async () => await given().clear());

    it('are enough to find, look, watch, patch and evict, without any of the optional ones', async () => {
      const { namespace, push, apply, connect, tokenWith } = given();
      const { ref: image } = await push('least');
      await apply(aDeployment('least', { image }));
      const cluster = connect({ token: await tokenWith('least', REQUIRED_RIGHTS) });
      const ref = refTo('Deployment', namespace, 'least');
      expect(value(await cluster.find({ app: 'least', namespaces: [namespace], workloads: [] }))).toEqual([ref]);
      const view = await settled(cluster, ref);
      expect(value(await cluster.snapshot([ref])).nodes).toEqual([]);
      let wakes = 0;
      cluster.watch([ref], () => {
        wakes += 1;
      });
      await until(() => wakes > 0, { what: 'the watch stands' });
      expect(await cluster.patch(aPatch(view), 'r-1')).toMatchObject({ ok: true, already: false });
      const after = await lookUntil(
        cluster,
        ref,
        'the new pod is alone',
        ({ pods, revisions }) => pods.length === 1 && pods[0]?.ready === true && pods[0].revision === revisions[0]?.hash,
      );
      const pod = onlyPod(after);
      expect(await cluster.lastLogs(pod, 'app')).toBeUndefined();
      expect(await cluster.credentials(ref)).toEqual([]);
      expect(failure(await cluster.deletePod(pod))).toMatchObject({ code: 'bot-forbidden', subject: 'delete pods' });
      expect(await cluster.evict(pod, { forceDelete: false })).toEqual({ ok: true, gone: false });
      await cluster.close();
    });

    it('with the optional ones show nodes and logs, and delete a pod', async () => {
      const { namespace, push, apply, connect, tokenWith } = given();
      const { ref: image } = await push('most', { crash: true });
      await apply(aDeployment('most', { image }));
      const cluster = connect({ token: await tokenWith('most', [...REQUIRED_RIGHTS, ...OPTIONAL_RIGHTS]) });
      const ref = refTo('Deployment', namespace, 'most');
      const view = await lookUntil(cluster, ref, 'the container crashed', ({ pods }) => (pods[0]?.containers[0]?.restartCount ?? 0) > 0);
      const pod = onlyPod(view);
      expect(value(await cluster.snapshot([ref])).nodes.map(({ name }) => name)).toEqual([pod.node]);
      expect(await cluster.lastLogs(pod, 'app')).toEqual([expect.stringContaining('asked to crash')]);
      expect(await cluster.deletePod(pod)).toMatchObject({ ok: true, already: false });
      await cluster.close();
    });

    it.each([
      ['list', 'poddisruptionbudgets', 'policy'],
      ['list', 'events', ''],
      ['get', 'deployments', 'apps'],
    ])('without "%s %s" a look fails with the line to add, instead of planning on half the truth', async (verb, resource, group) => {
      const { namespace, push, apply, connect, tokenWith } = given();
      const { ref: image } = await push('blind');
      await apply(aDeployment('blind', { image, replicas: 0 }));
      const cluster = connect({ token: await tokenWith(`no-${verb}-${resource}`, without(verb, resource)) });
      const forbidden = failure(await cluster.snapshot([refTo('Deployment', namespace, 'blind')]));
      expect(forbidden).toMatchObject({ code: 'bot-forbidden', subject: `${verb} ${resource}` });
      expect(forbidden.remedy).toBe(
        `add to the worker's Role in namespace ${namespace}: { apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"] }`,
      );
      await cluster.close();
    });

    it.each([
      ['patch', 'deployments'],
      ['create', 'pods/eviction'],
    ])('without "%s %s" the write fails with the line to add', async (verb, resource) => {
      const { namespace, push, apply, connect, tokenWith } = given();
      const { ref: image } = await push('bound');
      await apply(aDeployment('bound', { image }));
      const cluster = connect({ token: await tokenWith(`no-${verb}-${resource.replace('/', '-')}`, without(verb, resource)) });
      const view = await settled(cluster, refTo('Deployment', namespace, 'bound'));
      const write =
        verb === 'patch' ? await cluster.patch(aPatch(view), 'r-1') : await cluster.evict(onlyPod(view), { forceDelete: false });
      expect(failure(write)).toMatchObject({
        code: 'bot-forbidden',
        subject: `${verb} ${resource}`,
        remedy: expect.stringContaining(`verbs: ["${verb}"]`),
      });
      await cluster.close();
    });
  });

  describe("a workload's registry credentials", () => {
    it('come from the pull secrets of its template, of both types', async () => {
      const { namespace, push, apply, connect } = given();
      const { ref: image } = await push('private');
      const current = { '.dockerconfigjson': encoded(dockerConfig('registry.example', 'new')) };
      const legacy = { '.dockercfg': encoded(dockerConfig('old.example', 'old').auths) };
      await apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'pull-new' },
        type: 'kubernetes.io/dockerconfigjson',
        data: current,
      });
      await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull-old' }, type: 'kubernetes.io/dockercfg', data: legacy });
      await apply(aDeployment('private', { image, pullSecrets: ['pull-new', 'pull-old', 'not-there'] }));
      const cluster = connect();
      expect(await cluster.credentials(refTo('Deployment', namespace, 'private'))).toEqual([
        { host: 'registry.example', username: 'new', password: 'secret', source: `secret ${namespace}/pull-new` },
        { host: 'old.example', username: 'old', password: 'secret', source: `secret ${namespace}/pull-old` },
      ]);
      await cluster.close();
    });

    it('come from its service account where the template names none', async () => {
      const { namespace, push, apply, connect } = given();
      const { ref: image } = await push('account');
      const data = { '.dockerconfigjson': encoded(dockerConfig('registry.example', 'account')) };
      await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull-account' }, type: 'kubernetes.io/dockerconfigjson', data });
      await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'pull-account' }] });
      const cluster = connect();
      const ref = refTo('Deployment', namespace, 'account');
      const expected = [expect.objectContaining({ host: 'registry.example', username: 'account' })];
      await apply(aDeployment('account', { image, serviceAccount: 'puller', replicas: 0 }));
      expect(await cluster.credentials(ref)).toEqual(expected);
      await cluster.close();
    });
  });
}
