import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV } from '../support/line.ts';
import { faultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage.ts';

/** `on-failure: rollback`: whatever is lost between the end of the request and the making of the rollback, the rollback comes, once. */
describe('a rollback that comes by itself', () => {
  let stage: Stage;
  let way: FaultProxy;
  beforeAll(async () => {
    const policyOf = (policy: string) => policy.replace('  staging:\n', '  staging:\n    on-failure: rollback\n');
    stage = await openStage({ workers: 0, policyOf });
    way = await faultProxy(stage.line.redis.port);
    await startWorker();
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
    await way?.close();
  }, 60_000);

  const startWorker = async () => {
    const worker = await stage.line.startWorker({ REDIS_URL: `redis://127.0.0.1:${way.port}` });
    await worker.untilReady();
    return worker;
  };
  const killWorkers = () => {
    for (const worker of stage.line.workers) worker.kill('SIGKILL');
  };
  const isEnd = (request: Buffer) => request.includes('"actionId":"end-failed"');
  const crashing = async (app: string) => {
    const good = await stage.deploy(app);
    await stage.world.push(`${stage.namespace}/${app}:v1`, { crash: true });
    return good;
  };
  const comesBack = async (app: string, digest: string) => {
    const ended = async () => {
      const [undo, failed, ...more] = await stage.history(app);
      return undo?.state === 'succeeded' && failed?.state === 'failed' && more.length === 0 && { undo, failed };
    };
    const { undo, failed } = await until(ended, { what: 'failed, and rolled back once', withinMs: 80_000, everyMs: 500 });
    expect(undo).toMatchObject({ kind: 'rollback', rule: 'on-failure: rollback of staging' });
    const running = async () => {
      const pods = (await stage.pods(app)).filter((pod) => !pod.deleting);
      return pods.length === 2 && pods.every((pod) => pod.ready && pod.digest === digest);
    };
    await until(running, { what: 'the old digest runs', withinMs: 20_000, everyMs: 50 });
    expect(await stage.generation(app)).toBe(3);
    const card = await stage.untilCard(app, new RegExp(`Failed[\\s\\S]*${failed.id}`));
    await stage.line.slack.waitFor(
      () =>
        stage
          .cards(app)
          .some((each) => each.ts === card.ts && each.replies.some((reply) => reply.text.includes(`Rolled back by ${undo.id}`))),
      { what: 'the failed card says who rolled it back', seconds: 30 },
    );
  };

  it('comes where nothing is lost', async () => {
    const good = await crashing('plain');
    await stage.say(DEV, '/repull plain staging');
    await comesBack('plain', good.digest);
    expect(stage.cards('plain')).toHaveLength(2);
  }, 120_000);

  it('comes though the worker never learned that the request had ended', async () => {
    const good = await crashing('unlearned');
    const struck = way.loseReplyTo('"actionId":"end-failed"');
    await stage.say(DEV, '/repull unlearned staging');
    await struck;
    await comesBack('unlearned', good.digest);
    expect(stage.cards('unlearned')).toHaveLength(2);
  }, 120_000);

  it('comes though the worker is killed right after the request has ended', async () => {
    const good = await crashing('killed');
    const struck = way.strikeAt(isEnd, 'after', killWorkers);
    await stage.say(DEV, '/repull killed staging');
    await struck;
    await startWorker();
    await comesBack('killed', good.digest);
    expect(stage.cards('killed')).toHaveLength(2);
  }, 120_000);
});
