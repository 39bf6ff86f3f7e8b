import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, startLine, type Line } from '../support/line.ts';
import { policyFor } from '../support/stories.ts';
import { until } from '../support/until.ts';
import { appManifest, create, createNamespace, pathOf, podsOf, realWorld, simulatedWorld, type World } from '../support/world.ts';
import { figures, table } from './figures.ts';

/** The real cluster where one is at hand (`. /…/env` of test/cluster/up), else the simulated one, which says so in the table. */
const isReal = process.env['KUBECONFIG'] !== undefined && process.env['REPULL_TEST_REGISTRY'] !== undefined;
const COMMANDS = 200;
const ROUNDS = 10;

describe(`how fast it answers, on the ${isReal ? 'real' : 'simulated'} cluster`, () => {
  const namespace = `bench-${randomBytes(3).toString('hex')}`;
  let world: World;
  let line: Line;
  beforeAll(async () => {
    world = isReal ? await realWorld() : await simulatedWorld(0.1);
    await createNamespace(world, namespace);
    line = await startLine({ policy: policyFor(namespace), kubeconfig: world.kubeconfig, slack: { rateLimits: 'off' } });
    const pushed = await world.push(`${namespace}/cached:v1`);
    await create(world, appManifest(namespace, 'cached', { image: pushed.ref, pullPolicy: 'Always', replicas: 2 }));
    await ready();
  }, 240_000);
  afterAll(async () => {
    await line?.close();
    await world?.request('DELETE', `/api/v1/namespaces/${namespace}`);
    await world?.close();
  }, 120_000);

  const deployment = async () => (await world.request('GET', pathOf('Deployment', namespace, 'cached'))).body;
  const ready = () =>
    until(
      async () => {
        const pods = await podsOf(world, namespace, 'cached');
        return pods.length === 2 && pods.every((pod) => pod.ready && !pod.deleting);
      },
      { what: 'two ready pods', withinMs: 90_000, everyMs: 100 },
    );
  /** Milliseconds until the object's generation has moved on, seen by asking as fast as the API server answers. */
  const untilPatched = async (before: number, began: number) => {
    await until(async () => (await deployment()).metadata.generation > before, { what: 'the patch', withinMs: 60_000, everyMs: 1 });
    return performance.now() - began;
  };

  it(`acknowledges ${COMMANDS} commands`, async () => {
    const alone: number[] = [];
    for (let n = 0; n < COMMANDS; n++) {
      const outcome = await line.slack.as(DEV).type(DEPLOYS, n % 2 === 0 ? '/repull envs' : '/repull status');
      alone.push(outcome.ackMs ?? Number.NaN);
    }
    const crowd: number[] = [];
    for (let round = 0; round < COMMANDS / 20; round++) {
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => line.slack.as(DEV).type(DEPLOYS, '/repull envs')));
      crowd.push(...outcomes.map((outcome) => outcome.ackMs ?? Number.NaN));
    }
    const rows = [
      { commands: 'one after another', ...figures(alone) },
      { commands: 'twenty at once', ...figures(crowd) },
    ];
    console.log(table('Acknowledgement of /repull, ms (Slack allows 3000)', rows));
    expect(alone).toHaveLength(COMMANDS);
    expect(figures([...alone, ...crowd]).max).toBeLessThan(3_000);
  });

  it('writes the first patch after a command, beside kubectl rollout restart', async () => {
    const ours: number[] = [];
    const planned: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await world.push(`${namespace}/cached:v1`);
      const before = (await deployment()).metadata.generation as number;
      const began = performance.now();
      const patched = untilPatched(before, began);
      await line.slack.as(DEV).type(DEPLOYS, '/repull cached staging');
      ours.push(await patched);
      await line.slack.waitFor(
        () =>
          line.slack
            .view(DEV, DEPLOYS)
            .messages.filter((message) => !message.ephemeral && message.threadTs === undefined && /Succeeded/.test(message.text)).length ===
          round + 1,
        { seconds: 90, what: 'it succeeds' },
      );
      planned.push(performance.now() - began);
      await ready();
      if (!isReal) continue;
      const generation = (await deployment()).metadata.generation as number;
      const restarting = performance.now();
      const seen = untilPatched(generation, restarting);
      await promisify(execFile)('kubectl', ['-n', namespace, 'rollout', 'restart', 'deployment/cached']);
      theirs.push(performance.now() - restarting);
      await seen;
      await ready();
    }
    const rows = [
      { what: 'repull: command → first patch', ...figures(ours) },
      { what: 'repull: command → Succeeded on the card', ...figures(planned) },
      ...(isReal ? [{ what: 'kubectl rollout restart: start → end of the command', ...figures(theirs) }] : []),
    ];
    const where = isReal ? 'real cluster' : 'SIMULATED cluster and API: without network, etcd or kubectl to compare with';
    console.log(table(`To the first write, ms (${where})`, rows));
    expect(ours).toHaveLength(ROUNDS);
    expect(figures(ours).p95).toBeLessThan(10_000);
  });
});
