#!/usr/bin/env node
// Records what the real Argo Rollouts controller does to the status of a Rollout and to its ReplicaSets, for machines where it is not built:
//   test/cluster/argo-rollouts/up && . /tmp/repull-cluster/env && test/cluster/record-argo-rollouts.mjs >test/support/fixtures/argo-rollouts.json
// A frame is a status as it was written, with the ReplicaSets as they stood. Hashes become H1, H2, …; times and generations become words.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const namespace = `record-${process.pid}`;
const registry = process.env.REPULL_TEST_REGISTRY;
const kubectl = (args, input) =>
  execFileSync('kubectl', ['-n', namespace, ...args], { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
const json = (args) => JSON.parse(kubectl([...args, '-o', 'json']));
const patch = (body, ...more) => kubectl(['patch', 'rollout', 'app', '--type=merge', '-p', JSON.stringify(body), ...more]);
const version = /argo-rollouts (v\S+)/.exec(readFileSync(new URL('argo-rollouts/go.mod', import.meta.url), 'utf8'))?.[1];

const sets = new Map(); // hash → ReplicaSet, in order of creation
let original = new Set();
let living = new Map();
let frames = [];

/** Names instead of hashes: NEW is the newest template's, STABLE the one that served when the recording began. */
function neutral(taken) {
  const fresh = taken.at(-1).status.currentPodHash;
  const stable = taken[0].status.stableRS;
  const words = new Map([...(stable === undefined ? [] : [[stable, 'STABLE']]), [fresh, 'NEW']]);
  const replaced = (value, key) => {
    if (typeof value === 'string') {
      if (key === 'observedGeneration') return 'GENERATION';
      if (key === 'restartedAt') return 'RESTART_AT';
      if (/^\d{4}-\d\d-\d\dT/.test(value)) return 'TIME';
      return [...words].reduce((text, [hash, word]) => text.replaceAll(hash, word), value).replaceAll('"app-', '"NAME-');
    }
    if (Array.isArray(value)) return value.map((one) => replaced(one));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner, name)]));
  };
  const named = taken.map((each) => ({
    desired: Object.fromEntries(
      Object.entries(each.desired).flatMap(([hash, count]) => (words.has(hash) ? [[words.get(hash), count]] : [])),
    ),
    gone: each.gone,
    status: replaced(each.status),
  }));
  return named.filter((each, index) => JSON.stringify(each) !== JSON.stringify(named[index - 1]));
}
function frame({ metadata, status = {} }) {
  if (status.observedGeneration !== String(metadata.generation)) return;
  const gone = [...original].filter((uid) => !living.has(uid)).length;
  frames.push({ desired: Object.fromEntries([...sets].map(([hash, set]) => [hash, set.spec.replicas])), gone, status });
}
function follow(kind, onObject) {
  const child = spawn('kubectl', ['-n', namespace, 'get', kind, '-o', 'json', '--watch', '--output-watch-events'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { type, object } = JSON.parse(line);
    onObject(type, object);
  });
  return child;
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(what, holds, seconds = 60) {
  for (let left = seconds * 10; !holds(); left--) {
    if (left === 0) throw new Error(`did not happen: ${what}`);
    await pause(100);
  }
  await pause(1500);
}
const status = () => json(['get', 'rollout', 'app']).status ?? {};
async function record(act, what, holds) {
  frames = [];
  original = new Set(living.keys());
  await act();
  await until(what, holds);
  return neutral(frames);
}

execFileSync('kubectl', ['create', 'namespace', namespace], { stdio: 'ignore' });
const push = (tag) =>
  execFileSync(process.execPath, [new URL('push.mjs', import.meta.url).pathname, `${registry}/${namespace}/app:${tag}`], {
    encoding: 'utf8',
  });
const container = (tag) => ({
  name: 'app',
  image: `${registry}/${namespace}/app:${tag}`,
  imagePullPolicy: 'Always',
  startupProbe: { exec: { command: ['/app', 'ready'] }, periodSeconds: 1, failureThreshold: 120 },
});
const template = (tag) => ({
  metadata: { labels: { app: 'app' } },
  spec: { terminationGracePeriodSeconds: 1, containers: [container(tag)] },
});
const manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'app' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'app' } },
    strategy: { canary: { steps: [{ setWeight: 50 }, { pause: {} }, { pause: { duration: '1s' } }] } },
    template: template('v1'),
  },
};
push('v1');
push('v2');
push('v3');
const children = [
  follow('replicasets', (type, set) => {
    const hash = set.metadata.labels['rollouts-pod-template-hash'];
    if (hash !== undefined && type !== 'DELETED') sets.set(hash, set);
  }),
  follow('pods', (type, pod) => {
    if (type === 'DELETED' || pod.metadata.deletionTimestamp !== undefined) living.delete(pod.metadata.uid);
    else living.set(pod.metadata.uid, pod);
  }),
  follow('rollouts', (type, rollout) => frame(rollout)),
];
await pause(1500);
try {
  const recorded = { version, strategy: manifest.spec.strategy };
  recorded.start = await record(
    () => kubectl(['apply', '-f', '-'], JSON.stringify(manifest)),
    'healthy',
    () => status().phase === 'Healthy',
  );
  recorded.restart = await record(
    () => patch({ spec: { restartAt: `${new Date(Date.now() + 1000).toISOString().slice(0, 19)}Z` } }),
    'restarted',
    () => status().restartedAt !== undefined && status().phase === 'Healthy',
  );
  recorded.canary = await record(
    () => patch({ spec: { template: template('v2') } }),
    'paused',
    () => status().phase === 'Paused',
  );
  recorded.promote = await record(
    () => patch({ status: { pauseConditions: null } }, '--subresource=status'),
    'promoted',
    () => status().phase === 'Healthy',
  );
  await record(
    () => patch({ spec: { template: template('v3') } }),
    'paused again',
    () => status().phase === 'Paused',
  );
  recorded.abort = await record(
    () => patch({ status: { abort: true } }, '--subresource=status'),
    'aborted',
    () => status().phase === 'Degraded' && status().updatedReplicas === undefined,
  );
  // One frame a line, so that a new recording can be compared with the old one.
  const lines = Object.entries(recorded).map(([name, value]) =>
    Array.isArray(value)
      ? `"${name}": [\n${value.map((each) => JSON.stringify(each)).join(',\n')}\n]`
      : `"${name}": ${JSON.stringify(value)}`,
  );
  process.stdout.write(`{\n${lines.join(',\n')}\n}\n`);
} finally {
  for (const child of children) child.kill();
  execFileSync('kubectl', ['delete', 'namespace', namespace, '--wait=false'], { stdio: 'ignore' });
}
