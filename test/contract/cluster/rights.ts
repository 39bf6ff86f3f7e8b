import { beforeAll, describe, expect, test } from 'vitest';
import type { World } from './world.ts';

/** Who may do what, and the sentence by which somebody learns which rule is missing. */
export function rightsContract(world: () => World): void {
  describe('a service account', () => {
    let token = '';
    const user = () => `system:serviceaccount:${world().namespace}:limited`;

    beforeAll(async () => {
      const w = world();
      await w.create('serviceaccounts', { metadata: { name: 'limited' } });
      await w.create('roles', {
        metadata: { name: 'limited' },
        rules: [
          { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
          { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'], resourceNames: ['mine'] },
        ],
      });
      await w.create('rolebindings', {
        metadata: { name: 'limited' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'limited' },
        subjects: [{ kind: 'ServiceAccount', name: 'limited', namespace: w.namespace }],
      });
      const request = await w.client.do('POST', w.path('serviceaccounts', 'limited', '/token'), { body: { spec: {} } });
      token = request.status.token;
      await w.client.until(w.path('roles', 'limited'), (object) => object.kind === 'Role');
    });

    const ask = async (method: string, path: string, body?: unknown) =>
      await world().client.ask(method, path, {
        token,
        ...(body === undefined ? {} : { body, contentType: method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
      });

    test('may do what its Role says', async () => {
      expect((await ask('GET', world().path('pods'))).status).toBe(200);
      expect((await ask('GET', world().path('deployments', 'mine'))).status).toBe(404);
    });

    test('is told what it may not, in a sentence that names verb, resource, group and place', async () => {
      const w = world();
      const where = `in the namespace "${w.namespace}"`;
      const list = await ask('GET', w.path('deployments'));
      expect(list.status).toBe(403);
      expect(list.json).toMatchObject({
        reason: 'Forbidden',
        details: { group: 'apps', kind: 'deployments' },
        message: `deployments.apps is forbidden: User "${user()}" cannot list resource "deployments" in API group "apps" ${where}`,
      });
      const patch = await ask('PATCH', w.path('deployments', 'mine'), { metadata: {} });
      expect(patch.json.message).toBe(
        `deployments.apps "mine" is forbidden: User "${user()}" cannot patch resource "deployments" in API group "apps" ${where}`,
      );
      const named = await ask('GET', w.path('deployments', 'yours'));
      expect(named.json.message).toBe(
        `deployments.apps "yours" is forbidden: User "${user()}" cannot get resource "deployments" in API group "apps" ${where}`,
      );
      const evict = await ask('POST', w.path('pods', 'somebody', '/eviction'), { metadata: { name: 'somebody' } });
      expect(evict.json.message).toBe(
        `pods "somebody" is forbidden: User "${user()}" cannot create resource "pods/eviction" in API group "" ${where}`,
      );
      const watch = await ask('GET', w.path('pods', '', '?watch=true'));
      expect(watch.json.message).toBe(`pods is forbidden: User "${user()}" cannot watch resource "pods" in API group "" ${where}`);
      const everywhere = await ask('GET', '/api/v1/pods');
      expect(everywhere.json.message).toBe(
        `pods is forbidden: User "${user()}" cannot list resource "pods" in API group "" at the cluster scope`,
      );
      const nodes = await ask('GET', '/api/v1/nodes');
      expect(nodes.json.message).toBe(
        `nodes is forbidden: User "${user()}" cannot list resource "nodes" in API group "" at the cluster scope`,
      );
    });

    test('may ask what it may do', async () => {
      const w = world();
      const review = async (resourceAttributes: Record<string, string>) =>
        await ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { namespace: w.namespace, ...resourceAttributes } },
        });
      const yes = await review({ verb: 'list', resource: 'pods' });
      expect(yes).toMatchObject({ status: 201, json: { kind: 'SelfSubjectAccessReview', status: { allowed: true } } });
      const no = await review({ verb: 'patch', group: 'apps', resource: 'deployments' });
      expect(no.json.status.allowed).toBe(false);
      const sub = await review({ verb: 'get', resource: 'pods', subresource: 'log' });
      expect(sub.json.status.allowed).toBe(false);
    });

    test('that does not exist is nobody', async () => {
      const answer = await world().client.ask('GET', world().path('pods'), { token: 'nonsense' });
      expect(answer).toMatchObject({ status: 401, json: { reason: 'Unauthorized', message: 'Unauthorized', code: 401 } });
    });
  });
}
