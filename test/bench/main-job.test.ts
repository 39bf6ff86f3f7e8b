import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, startLine, type Line } from '../support/line.ts';
import { policyFor } from '../support/stories.ts';
import { until } from '../support/until.ts';
import { appManifest, create, createNamespace, pathOf, realWorld, simulatedWorld, type World } from '../support/world.ts';

const run = promisify(execFile);
const COMMANDS = 200;
const ROLLOUTS = 5;

/** Prints figures side by side; asserts only that what was measured happened. Times are of this machine, in this run: compare, do not quote. */
describe('figures of the main job', () => {
  const namespace = `bench-${randomBytes(3).toString('hex')}`;
  const isReal = process.env['REPULL_TEST_REGISTRY'] !== undefined;
  let world: World;
  let line: Line;

  beforeAll(async () => {
    world = isReal ? await realWorld() : await simulatedWorld(1);
    await createNamespace(world, namespace);
    line = await startLine({ policy: policyFor(namespace), kubeconfig: world.kubeconfig, slack: { rateLimits: 'off' } });
  }, 120_000);
  afterAll(async () => {
    await line?.close();
    await world?.request('DELETE', `/api/v1/namespaces/${namespace}`);
    await world?.close();
  }, 60_000);

  const quantile = (values: number[], q: number): number =>
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
  const summary = (values: number[]): string =>
    `p50 ${quantile(values, 0.5).toFixed(1)} ms, p95 ${quantile(values, 0.95).toFixed(1)} ms, max ${Math.max(...values).toFixed(1)} ms (n ${values.length})`;
  const restartedAt = async () =>
    (await world.request('GET', pathOf('Deployment', namespace, 'my-app'))).body.spec.template.metadata.annotations?.[
      'kubectl.kubernetes.io/restartedAt'
    ] as string | undefined;
  const settled = () =>
    until(
      async () => {
        const { body } = await world.request('GET', pathOf('Deployment', namespace, 'my-app'));
        return (
          body.status.observedGeneration === body.metadata.generation &&
          body.status.updatedReplicas === 4 &&
          body.status.replicas === 4 &&
          body.status.availableReplicas === 4
        );
      },
      { what: 'the rollout is over', withinMs: 120_000, everyMs: 50 },
    );

  it('acknowledges a command', async () => {
    const took: number[] = [];
    for (let n = 0; n < COMMANDS; n++) {
      const outcome = await line.slack.as(DEV).type(DEPLOYS, '/repull status');
      expect(outcome.acked).toBe(true);
      took.push(outcome.ackMs ?? Number.NaN);
    }
    console.log(`acknowledgement of a command: ${summary(took)}`);
  }, 120_000);

  it('writes its first patch, beside kubectl rollout restart', async () => {
    const image = await world.push(`${namespace}/my-app:v1`);
    await create(world, appManifest(namespace, 'my-app', { image: image.ref, pullPolicy: 'Always', replicas: 4 }));
    await settled();
    const kubeconfig = join(line.dir, 'kubectl-config');
    writeFileSync(kubeconfig, world.kubeconfig);
    const kubectl = process.env['REPULL_TEST_KUBECTL'] ?? 'kubectl';
    const hasKubectl = await run(kubectl, ['version', '--client']).then(
      () => true,
      () => false,
    );
    const ours: number[] = [];
    const theirs: number[] = [];
    const ends: number[] = [];
    for (let n = 0; n < ROLLOUTS; n++) {
      await world.push(`${namespace}/my-app:v1`);
      const before = await restartedAt();
      const cards = line.slack.view(DEV, DEPLOYS).messages.filter((message) => /Succeeded/.test(message.text)).length;
      const began = performance.now();
      await line.slack.as(DEV).type(DEPLOYS, '/repull my-app staging');
      await until(async () => (await restartedAt()) !== before, { what: 'the first patch', withinMs: 30_000, everyMs: 2 });
      ours.push(performance.now() - began);
      await line.slack.waitFor(
        () => line.slack.view(DEV, DEPLOYS).messages.filter((message) => /Succeeded/.test(message.text)).length > cards,
        { seconds: 120, what: 'the final card' },
      );
      ends.push(performance.now() - began);
      await settled();
      if (!hasKubectl) continue;
      const mark = await restartedAt();
      const start = performance.now();
      await run(kubectl, ['--kubeconfig', kubeconfig, '-n', namespace, 'rollout', 'restart', 'deployment/my-app']);
      theirs.push(performance.now() - start);
      expect(await restartedAt()).not.toBe(mark);
      await settled();
    }
    console.log(`command → first PATCH (plan, registry and re-check included): ${summary(ours)}`);
    console.log(
      theirs.length === 0 ? 'no kubectl here to compare with' : `kubectl rollout restart, start to end of the command: ${summary(theirs)}`,
    );
    if (theirs.length > 0) console.log(`ratio of the medians: ${(quantile(ours, 0.5) / quantile(theirs, 0.5)).toFixed(2)}`);
    console.log(`command → final card with proof, 4 pods: ${summary(ends)}`);
    expect(ours).toHaveLength(ROLLOUTS);
  }, 600_000);

  it('counts the calls of one repull of four pods', async () => {
    await world.push(`${namespace}/my-app:v1`);
    await settled();
    const slackBefore = line.slack.calls.all().length;
    world.simulated?.cluster.requests.clear();
    const cards = line.slack.view(DEV, DEPLOYS).messages.filter((message) => /Succeeded/.test(message.text)).length;
    await line.slack.as(DEV).type(DEPLOYS, '/repull my-app staging');
    await line.slack.waitFor(
      () => line.slack.view(DEV, DEPLOYS).messages.filter((message) => /Succeeded/.test(message.text)).length > cards,
      { seconds: 120, what: 'the final card' },
    );
    const byMethod = tally(
      line.slack.calls
        .all()
        .slice(slackBefore)
        .map((call) => call.method),
    );
    console.log('Slack calls:', byMethod);
    const requests =
      world.simulated?.cluster.requests.filter((each) => /node|undici|repull/i.test(each.userAgent) || each.userAgent === '') ?? [];
    const workers = requests.filter((each) => !['kubelet', 'controller'].some((other) => each.user.includes(other)));
    if (world.simulated !== undefined) console.log('Kubernetes API calls:', tally(workers.map((each) => `${each.verb} ${each.resource}`)));
    expect(byMethod['chat.postMessage'] ?? 0).toBeGreaterThan(0);
  }, 180_000);
});

function tally(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
