/** A request and what hangs on it, with values as a real one has them. */
import { createHash } from 'node:crypto';
import type { CardContext } from '../../../src/app/ports-slack.ts';
import type { ContainerPlan, Plan } from '../../../src/domain/plan.ts';
import type { RequestRecord } from '../../../src/domain/request.ts';
import type { ContainerVerdict, PodVerdict, VerdictWord } from '../../../src/domain/verdict.ts';
import type { WorkloadRef } from '../../../src/domain/workload.ts';

/** 2026-12-01T21:00:00Z. */
export const AT = 1_796_158_800_000;
export const digest = (of: string): string => `sha256:${createHash('sha256').update(of).digest('hex')}`;
export const OLD = digest('build 1');
export const NEW = digest('build 2');
/** Four pods before, and their successors. */
export const OLD_PODS = ['k2v8d', 'm9x4t', 'p5c7w', 'z6h2b'].map((tail) => `my-app-5c9f7d8b6f-${tail}`);
export const PODS = ['4wq2x', '8lmzt', 'c6tkv', 'r7gpn'].map((tail) => `my-app-6d4cf56db6-${tail}`);
export const WORKLOAD: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'my-app' };

const UID = '0b2c6f4e-52a1-4d0e-9a7e-3f1f6f0f7a11';

export const aContainerPlan = (over: Partial<ContainerPlan> = {}): ContainerPlan => ({
  workload: WORKLOAD,
  container: 'app',
  role: 'container',
  image: 'registry.example/shop/my-app:v1',
  imageAfter: 'registry.example/shop/my-app:v1',
  pullPolicy: 'Always',
  pullPolicyAfter: 'Always',
  running: [OLD],
  registry: {
    known: true,
    reference: 'registry.example/shop/my-app:v1',
    digest: NEW,
    identities: [{ digest: NEW, of: 'manifest' }],
    platforms: [],
    at: AT,
  },
  concerned: true,
  ...over,
});

export const aPlan = (over: Partial<Plan> = {}): Plan => ({
  hash: '3f9a1c0b7d2e4f68',
  cluster: 'prod-eu',
  at: AT,
  workloads: [
    {
      workload: WORKLOAD,
      uid: UID,
      method: 'restart',
      why: 'the pull policy is Always, so every new pod fetches its image; only an annotation changes',
      write: {
        action: 'patch-template',
        workload: WORKLOAD,
        uid: UID,
        resourceVersion: '184467',
        annotations: { 'repull.dev/request': '1RS4C0-7QXM' },
        images: [],
        pullPolicies: [],
      },
      replicas: 4,
      pods: OLD_PODS.map((name) => ({ name, uid: `uid-${name}`, node: 'node-1', ready: true })),
      budgets: [{ name: 'my-app', allowed: 1 }],
      downtime: 'none',
      owners: [],
    },
  ],
  containers: [
    aContainerPlan(),
    aContainerPlan({ container: 'log-shipper', role: 'sidecar', image: 'registry.example/tools/log-shipper:3', concerned: false }),
  ],
  warnings: [
    'deployment/my-app: registry.example/shop/my-app:v1 is a mutable tag: what it holds may change again; --pin runs the exact digest',
  ],
  ...over,
});

export const aVerdict = (word: VerdictWord, over: Partial<ContainerVerdict> = {}): ContainerVerdict => {
  const pod = (name: string, more: Partial<PodVerdict>): PodVerdict => ({
    podUid: `uid-${name}`,
    pod: name,
    node: 'node-1',
    container: 'app',
    word,
    after: NEW,
    ...more,
  });
  const fetched = (tookMs: number): Partial<PodVerdict> => ({
    tookMs,
    waitedMs: 40,
    bytes: 45_200_000,
    evidence: {
      message: `Successfully pulled image "registry.example/shop/my-app:v1" in ${tookMs / 1000}s (${tookMs / 1000}s including waiting). Image size: 45200000 bytes.`,
      at: AT + 72_000 + tookMs,
    },
  });
  const pulled = word === 'pulled new' || word === 'pulled, unchanged';
  return {
    workload: WORKLOAD,
    container: 'app',
    image: 'registry.example/shop/my-app:v1',
    before: [OLD],
    registry: NEW,
    after: [word === 'wrong image' ? OLD : NEW],
    word,
    pods: PODS.map((name, index) => pod(name, pulled ? fetched([2100, 3400, 2300, 2800][index] ?? 2000) : {})),
    ...over,
  };
};

export const aRecord = (over: Partial<RequestRecord> = {}): RequestRecord => ({
  id: '1RS4C0-7QXM',
  version: 3,
  state: { status: 'planning' },
  since: AT + 5_000,
  createdAt: AT,
  ask: {
    kind: 'repull',
    app: 'my-app',
    environment: 'prod',
    cluster: 'prod-eu',
    namespaces: ['shop'],
    workloads: ['deployment/my-app'],
    via: 'auto',
    reason: 'new build of the checkout',
    force: false,
    forceDelete: false,
    dryRun: false,
  },
  requester: 'U0DEV00001',
  team: 'T0SHOP',
  channel: 'C0DEPLOYS1',
  decision: { verdict: 'ask', rule: 'bindings[0], role developer', votes: 2, from: ['sre'], self: false, expiresMs: 1_800_000 },
  approvals: [],
  decisions: [],
  milestones: [],
  followers: [],
  ...over,
});

export const voted = {
  approvals: [
    { by: 'U0SRE00001', at: AT + 60_000 },
    { by: 'U0SRE00002', at: AT + 61_000 },
  ],
};
export const ended = { ...voted, endedAt: AT + 108_000, writing: { at: AT + 70_000 } };

export interface Story {
  name: string;
  record: RequestRecord;
  context: CardContext;
}

export const story = (name: string, over: Partial<RequestRecord>, context: CardContext = {}): Story => ({
  name,
  record: aRecord(over),
  context,
});
