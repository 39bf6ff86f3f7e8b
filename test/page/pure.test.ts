import { describe, expect, it } from 'vitest';
import { demoManifests, demoPolicy } from '../../src/playground/demo.ts';
import { slackDate } from '../../src/playground/page/blocks/date.ts';
import { complete } from '../../src/playground/page/channel/completion.ts';
import { isNodeReady, type KubeLike, panelEvents, panelPods, panelWorkload } from '../../src/playground/page-server/cluster-panel.ts';
import { commandHints } from '../../src/playground/page-server/hints.ts';
import { parsePolicy } from '../../src/config/policy-file.ts';

describe('what the composer offers', () => {
  const hints = commandHints(
    [
      { name: 'my-app', environments: ['prod', 'staging'] },
      { name: 'web', environments: ['prod'] },
    ],
    ['prod', 'staging'],
  );
  const people = [{ name: 'repull', about: 'app' }];
  const offered = (text: string, inThread = false) => complete(text, hints, people, inThread)?.items.map(({ insert }) => insert);

  it.each([
    ['/', ['/repull ']],
    ['/rep', ['/repull ']],
    ['/x', undefined],
    ['/repull w', ['web ']],
    ['/repull my-app ', ['prod ', 'staging ']],
    ['/repull web ', ['prod ']],
    ['/repull check m', ['my-app ']],
    ['/repull check my-app s', ['staging ']],
    ['/repull freeze p', ['prod ']],
    ['/repull my-app prod --dr', ['--dry-run ']],
    ['/repull my-app prod ', []],
    ['hello @re', ['@repull ']],
    ['mail@re', undefined],
    ['hello', undefined],
  ])('%j → %j', (text, expected) => {
    expect(offered(text)).toEqual(expected);
  });

  it('begins with the apps, then the other commands', () => {
    expect(offered('/repull ')?.slice(0, 3)).toEqual(['my-app ', 'web ', 'check ']);
  });

  it('has no slash commands in a thread, where Slack has none, but mentions work there', () => {
    expect(offered('/', true)).toBeUndefined();
    expect(offered('@repull my-app ', true)).toEqual(['prod ', 'staging ']);
  });

  it('replaces only the word before the cursor', () => {
    expect(complete('/repull my-app st', hints, people, false)?.from).toBe(15);
  });
});

describe("Slack's dates", () => {
  const now = new Date(2026, 10, 23, 12, 0, 0);
  const at = (days: number) => new Date(now.getTime() + days * 86_400_000);

  it.each([
    [0, 'today'],
    [1, 'tomorrow'],
    [-1, 'yesterday'],
  ])('%i days away is %s', (days, word) => {
    expect(slackDate('{date_short_pretty}', at(days), now)).toBe(word);
  });

  it('keeps words around tokens, leaves unknown tokens alone, and counts back', () => {
    expect(slackDate('on {date_pretty} {nonsense}', at(0), now)).toBe('on today {nonsense}');
    expect(slackDate('{ago}', new Date(now.getTime() - 5 * 60_000), now)).toBe('5 minutes ago');
  });
});

describe('the picture of the cluster', () => {
  const pod = (more: Partial<Record<string, unknown>> & { status?: unknown } = {}): KubeLike => ({
    kind: 'Pod',
    metadata: {
      name: 'my-app-6f9cd8b7-x2x1p',
      namespace: 'shop',
      ownerReferences: [{ kind: 'ReplicaSet', name: 'my-app-6f9cd8b7', controller: true }],
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'localhost:5000/shop/my-app' }] },
    ...more,
  });
  const replicaSets: KubeLike[] = [
    { metadata: { name: 'my-app-6f9cd8b7', namespace: 'shop', ownerReferences: [{ kind: 'Deployment', name: 'my-app' }] } },
  ];
  const drawn = (one: KubeLike, events: KubeLike[] = []) =>
    panelPods({ nodes: [], workloads: [], replicaSets, pods: [one], events }, panelEvents(events))[0];
  const container = (state: object, ready = false) => ({
    containerStatuses: [{ name: 'app', ready, restartCount: 2, imageID: 'x@sha256:ab', state }],
  });

  it.each([
    [{ phase: 'Running', ...container({ running: {} }, true) }, 'Ready', 'good'],
    [{ phase: 'Running', ...container({ running: {} }) }, 'Running', 'busy'],
    [{ phase: 'Running', ...container({ waiting: { reason: 'CrashLoopBackOff' } }) }, 'CrashLoopBackOff', 'bad'],
    [{ phase: 'Pending', ...container({ waiting: { reason: 'ImagePullBackOff' } }) }, 'ImagePullBackOff', 'bad'],
    [{ phase: 'Pending', ...container({ waiting: { reason: 'ContainerCreating' } }) }, 'Starting', 'busy'],
    [{ phase: 'Failed', reason: 'Evicted' }, 'Evicted', 'bad'],
  ])('says of %j: %s', (status, phase, tone) => {
    expect(drawn(pod({ status }))).toMatchObject({ phase, tone, workload: 'Deployment/shop/my-app' });
  });

  it('says Pulling while the last event of the pod is that', () => {
    const event = (reason: string, at: string): KubeLike => ({
      metadata: { name: reason, namespace: 'shop', uid: reason },
      involvedObject: { kind: 'Pod', name: 'my-app-6f9cd8b7-x2x1p' },
      reason,
      lastTimestamp: at,
    });
    const status = { phase: 'Pending' };
    const pulling = event('Pulling', '2026-11-23T10:00:01Z');
    expect(drawn(pod({ status }), [event('Scheduled', '2026-11-23T10:00:00Z'), pulling])?.phase).toBe('Pulling');
    expect(drawn(pod({ status }), [pulling, event('Pulled', '2026-11-23T10:00:02Z')])?.phase).toBe('Starting');
  });

  it('shows the digest, the restarts, and the policy that the kubelet takes where the template names none', () => {
    const shown = drawn(pod({ status: { phase: 'Running', ...container({ running: {} }, true) } }));
    expect(shown?.containers).toEqual([
      { name: 'app', image: 'localhost:5000/shop/my-app', policy: 'Always', digest: 'sha256:ab', restarts: 2 },
    ]);
  });

  it('counts a DaemonSet by its nodes, everything else by its replicas', () => {
    const spec = { replicas: 3, template: { spec: { containers: [{ name: 'app', image: 'x:1' }] } } };
    expect(
      panelWorkload({ kind: 'Deployment', metadata: { name: 'a', namespace: 'n' }, spec, status: { readyReplicas: 2 } }),
    ).toMatchObject({ desired: 3, ready: 2 });
    const status = { desiredNumberScheduled: 2, numberReady: 1 };
    expect(panelWorkload({ kind: 'DaemonSet', metadata: { name: 'a', namespace: 'n' }, spec, status })).toMatchObject({
      desired: 2,
      ready: 1,
    });
    expect(isNodeReady({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })).toBe(false);
  });
});

describe('the demo', () => {
  it.each([
    { prod: 'shop-prod', staging: 'shop-staging', apps: true },
    { prod: 'shop-prod', staging: 'shop-staging', nightly: 'shop-nightly', apps: true },
    { prod: 'default', staging: undefined, apps: false },
  ])('has a policy without a problem: %j', (places) => {
    expect(parsePolicy(demoPolicy(places), 'policy.yaml')).toMatchObject({ ok: true });
  });

  it('holds an app whose nodes would keep the old image, and one that always asks', () => {
    const text = JSON.stringify(demoManifests('localhost:1', { prod: 'p', staging: 's' }));
    expect(text).toContain('"imagePullPolicy":"IfNotPresent"');
    expect(text).toContain('"imagePullPolicy":"Always"');
  });
});
