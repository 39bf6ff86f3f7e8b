import { describe, expect, it } from 'vitest';
import type { WorkloadKind } from '../../../src/domain/workload.ts';
import type { Candidate } from '../../../src/kube/candidates.ts';
import { choose } from '../../../src/kube/find.ts';

const one = (kind: WorkloadKind, namespace: string, name: string, labels: Record<string, string> = {}): Candidate => ({
  kind,
  namespace,
  name,
  labels,
});
const SHOP: Candidate[] = [
  one('Deployment', 'shop', 'web', { 'app.kubernetes.io/name': 'storefront' }),
  one('Deployment', 'shop', 'storefront-api', { 'app.kubernetes.io/instance': 'storefront', app: 'api' }),
  one('StatefulSet', 'shop', 'db', { app: 'db-cluster' }),
  one('Deployment', 'payments', 'ledger', { app: 'ledger' }),
  one('DaemonSet', 'payments', 'db', {}),
];
const find = (app: string, rest: { workloads?: string[]; workload?: string } = {}, candidates = SHOP) =>
  choose({ app, namespaces: ['shop', 'payments'], workloads: [], ...rest }, candidates);
const names = (found: ReturnType<typeof find>) =>
  found.ok ? found.value.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`) : found.failure.code;

describe('finding an app without an entry in the policy file', () => {
  it.each`
    app             | found                                 | because
    ${'ledger'}     | ${['Deployment payments/ledger']}     | ${'its name'}
    ${'storefront'} | ${['Deployment shop/web']}            | ${'app.kubernetes.io/name, which goes before instance'}
    ${'api'}        | ${['Deployment shop/storefront-api']} | ${'app'}
    ${'db-cluster'} | ${['StatefulSet shop/db']}            | ${'app'}
    ${'db'}         | ${'ambiguous-workload'}               | ${'two have that name'}
    ${'nothing'}    | ${'unknown-workload'}                 | ${'nothing is called so'}
  `('$app: $found, by $because', ({ app, found }) => {
    expect(names(find(app))).toEqual(found);
  });

  it('lists all hits, and gives the flag that tells them apart', () => {
    expect(find('db')).toEqual({
      ok: false,
      failure: {
        code: 'ambiguous-workload',
        subject: 'db',
        evidence: 'statefulset/shop/db, daemonset/payments/db',
        remedy: '--workload statefulset/db',
      },
    });
    expect(names(find('db', { workload: 'ds/db' }))).toEqual(['DaemonSet payments/db']);
  });

  it('cannot be told apart by a flag where kind and name are the same in two namespaces', () => {
    const twins = [one('Deployment', 'shop', 'web'), one('Deployment', 'payments', 'web')];
    for (const rest of [{}, { workload: 'deployment/web' }, { workloads: ['deployment/web'] }]) {
      expect(find('web', rest, twins)).toMatchObject({
        failure: { code: 'ambiguous-workload', remedy: expect.stringContaining('policy file') },
      });
    }
  });

  it('says which names are close', () => {
    expect(find('ledgre')).toMatchObject({
      failure: { remedy: 'ledger', evidence: 'no such workload in shop, payments; close to it: ledger' },
    });
    expect(find('zzz')).toMatchObject({ failure: { evidence: 'no such workload in shop, payments' } });
  });

  it('does not take a workload of another app, though it is named', () => {
    expect(find('storefront', { workload: 'deployment/ledger' })).toMatchObject({
      failure: {
        code: 'unknown-workload',
        subject: 'deployment/ledger',
        evidence: 'storefront has deployment/web, deployment/storefront-api',
      },
    });
  });
});

describe('finding an app that the policy file lists', () => {
  const workloads = ['deployment/web', 'statefulset/db'];

  it('takes all of its workloads, and no others', () => {
    expect(names(find('shop', { workloads }))).toEqual(['Deployment shop/web', 'StatefulSet shop/db']);
  });

  it('takes the one that is asked for, however its kind is written', () => {
    for (const workload of ['statefulset/db', 'sts/db', 'StatefulSets/db']) {
      expect(names(find('shop', { workloads, workload }))).toEqual(['StatefulSet shop/db']);
    }
    expect(names(find('shop', { workloads, workload: 'daemonset/db' }))).toBe('unknown-workload');
  });

  it('fails whole where one of them is missing: half an app is not repulled', () => {
    expect(find('shop', { workloads: [...workloads, 'deployment/cache'] })).toMatchObject({
      failure: { code: 'unknown-workload', subject: 'deployment/cache' },
    });
  });

  it('says so where it cannot handle the kind', () => {
    const there = [...SHOP, one('Job', 'shop', 'migrate'), one('Pod', 'shop', 'debug')];
    expect(find('shop', { workloads: ['job/migrate'] }, there)).toMatchObject({
      failure: { code: 'unsupported-kind', subject: 'job/migrate' },
    });
    expect(find('debug', {}, there)).toMatchObject({
      failure: { code: 'unsupported-kind', remedy: expect.stringContaining('run it as a Deployment') },
    });
  });

  it('names the Deployment where a pod or its ReplicaSet was named', () => {
    const owned = [
      ...SHOP,
      { ...one('ReplicaSet', 'shop', 'web-5d'), owner: { kind: 'Deployment', name: 'web' } },
      { ...one('Pod', 'shop', 'web-5d-x1', { app: 'web-pods' }), owner: { kind: 'ReplicaSet', name: 'web-5d' } },
    ];
    expect(find('web-5d-x1', {}, owned)).toMatchObject({
      failure: {
        code: 'unsupported-kind',
        evidence: 'it belongs to deployment/web, which makes it anew',
        remedy: expect.stringContaining('--workload deployment/web --pod web-5d-x1'),
      },
    });
    expect(find('web-5d', {}, owned)).toMatchObject({ failure: { remedy: 'ask for its owner: --workload deployment/web' } });
    expect(names(find('web-pods', {}, owned))).toBe('unknown-workload');
  });

  it('takes a ReplicaSet that nobody owns', () => {
    expect(names(find('lone', {}, [...SHOP, one('ReplicaSet', 'shop', 'lone')]))).toEqual(['ReplicaSet shop/lone']);
  });
});
