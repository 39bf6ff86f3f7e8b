import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPTIONAL_RIGHTS, REQUIRED_RIGHTS } from '../../src/kube/required-rights.ts';
import { refTo, settled } from '../contract/kube/steps.ts';
import { aDeployment, type KubeSubject } from '../contract/kube/subject.ts';
import { REAL_CLUSTER, realCluster } from '../support/real-cluster.ts';

/** Only here: the simulation's admission does not put a service account's pull secrets onto its pods. */
describe.skipIf(!REAL_CLUSTER)('registry credentials on a real cluster', () => {
  let subject: KubeSubject;
  beforeAll(async () => {
    subject = await realCluster('kube-credentials');
  });
  afterAll(async () => await subject.close());

  it('that come from a service account are found on the pods, by a worker that may not read service accounts', async () => {
    const { namespace, push, apply, connect, tokenWith } = subject;
    const { ref: image } = await push('account');
    const config = { auths: { 'registry.example': { auth: Buffer.from('account:secret').toString('base64') } } };
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') };
    await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull' }, type: 'kubernetes.io/dockerconfigjson', data });
    await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'pull' }] });
    await apply(aDeployment('account', { image, serviceAccount: 'puller' }));
    const rights = [...REQUIRED_RIGHTS, ...OPTIONAL_RIGHTS.filter(({ resource }) => resource === 'secrets')];
    const cluster = connect({ token: await tokenWith('no-accounts', rights) });
    const ref = refTo('Deployment', namespace, 'account');
    await settled(cluster, ref);
    expect(await cluster.credentials(ref)).toMatchObject([{ host: 'registry.example', username: 'account', password: 'secret' }]);
    await cluster.close();
  });
});
