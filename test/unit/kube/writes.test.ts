import { describe, expect, it } from 'vitest';
import type { Write } from '../../../src/domain/plan.ts';
import { deployment } from '../../../src/kube/kinds/deployment.ts';
import { PlannedTemplates } from '../../../src/kube/planned.ts';
import { bodyOf } from '../../../src/kube/writes.ts';
import { recorded } from './recorded.ts';

const write: Extract<Write, { action: 'patch-template' }> = {
  action: 'patch-template',
  workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
  uid: 'uid-1',
  resourceVersion: '41',
  annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-23T05:00:00Z' },
  images: [],
  pullPolicies: [],
};

describe('the body of the one patch', () => {
  it('of a restart is two annotations, and the preconditions', () => {
    expect(bodyOf(deployment, write, 'r-1', '41')).toEqual({
      metadata: { uid: 'uid-1', resourceVersion: '41' },
      spec: {
        template: {
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-23T05:00:00Z', 'repull.dev/request': 'r-1' } },
        },
      },
    });
  });

  it('names a container once, in the list that it lives in', () => {
    const changes = {
      images: [
        { container: 'app', role: 'container' as const, image: 'shop/web:v2' },
        { container: 'init', role: 'init' as const, image: 'shop/init:v2' },
      ],
      pullPolicies: [
        { container: 'app', role: 'container' as const, pullPolicy: 'Always' as const },
        { container: 'proxy', role: 'sidecar' as const, pullPolicy: 'Always' as const },
      ],
    };
    expect(bodyOf(deployment, { ...write, ...changes }, 'r-1', '41')).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [{ name: 'app', image: 'shop/web:v2', imagePullPolicy: 'Always' }],
            initContainers: [
              { name: 'init', image: 'shop/init:v2' },
              { name: 'proxy', imagePullPolicy: 'Always' },
            ],
          },
        },
      },
    });
  });
});

describe('what a plan stood on', () => {
  const web = () => {
    const [workload] = recorded().deployments;
    if (workload === undefined) throw new Error('no Deployment was recorded');
    return workload;
  };
  const remembered = () => {
    const planned = new PlannedTemplates();
    planned.remember(deployment, web());
    return planned;
  };
  const version = web().metadata.resourceVersion;

  it('is unchanged by replicas, status and labels', () => {
    const later = web();
    later.metadata.resourceVersion = '999999';
    later.metadata.labels = { other: 'label' };
    if (later.spec) later.spec.replicas = 7;
    later.status = {};
    expect(remembered().unchangedSince(version, deployment, later)).toBe(true);
  });

  it('is unchanged by the order in which the server writes it', () => {
    const later = web();
    if (later.spec?.template) later.spec.template = { spec: later.spec.template.spec ?? {}, metadata: later.spec.template.metadata ?? {} };
    expect(remembered().unchangedSince(version, deployment, later)).toBe(true);
  });

  it('is changed by image, pause and strategy', () => {
    const [image, paused, strategy] = [web(), web(), web()];
    const [container] = image.spec?.template?.spec?.containers ?? [];
    if (container) container.image = 'shop/web:other';
    if (paused.spec) paused.spec.paused = true;
    if (strategy.spec) strategy.spec.strategy = { type: 'Recreate' };
    for (const changed of [image, paused, strategy]) expect(remembered().unchangedSince(version, deployment, changed)).toBe(false);
  });

  it('is unknown, hence changed, for a version that was never seen', () => {
    expect(remembered().unchangedSince('1', deployment, web())).toBe(false);
  });

  it('is forgotten only after a thousand newer ones', () => {
    const planned = remembered();
    const other = web();
    const fill = (count: number) => {
      for (let index = 0; index < count; index++) {
        planned.remember(deployment, { ...other, metadata: { ...other.metadata, resourceVersion: `other-${index}` } });
      }
    };
    fill(999);
    expect(planned.unchangedSince(version, deployment, web())).toBe(true);
    fill(1001);
    expect(planned.unchangedSince(version, deployment, web())).toBe(false);
  });
});
