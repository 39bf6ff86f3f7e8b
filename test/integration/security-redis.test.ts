import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../src/domain/request.ts';
import { BullQueues } from '../../src/queue/producer.ts';
import { connectProducer } from '../../src/store/connect.ts';
import { keys } from '../../src/store/keys.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { readAudit } from '../support/audit.ts';
import { DEPLOYS, DEV, SRE, SRE2 } from '../support/line.ts';
import { until } from '../support/until.ts';

type Edit = (record: RequestRecord) => Partial<RequestRecord>;

/** An image of the attacker's, wherever the plan names one. */
const otherPlan: Edit = ({ plan }) => ({
  plan: JSON.parse(JSON.stringify(plan).replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${'e'.repeat(64)}`)) as NonNullable<typeof plan>,
});
const otherReplicas: Edit = ({ plan }) =>
  plan === undefined ? {} : { plan: { ...plan, warnings: [], workloads: plan.workloads.map((each) => ({ ...each, downtime: 'none' })) } };
const noVotes: Edit = ({ decision }) => ({ decision: { verdict: 'allow', rule: decision.rule ?? '' } });
const moreVotes: Edit = ({ approvals, createdAt }) => ({ approvals: [...approvals, { by: SRE2, at: createdAt }] });

/** Somebody who can write to Redis, and does not have REPULL_JOB_KEY. */
describe('with a job key', () => {
  let stage: Stage;
  let redis: Redis;
  let queues: BullQueues;
  beforeAll(async () => {
    stage = await openStage({
      env: { REPULL_JOB_KEY: 'a key that is not in Redis' },
      policyOf: (policy) => {
        const [, namespaces = ''] = /(namespaces: \[[^\]]*\])/.exec(policy) ?? [];
        return policy.replace(
          '\napps:',
          `\n  double:\n    cluster: test\n    ${namespaces}\n    approval: { votes: 2, from: [sre] }\napps:`,
        );
      },
    });
    redis = new Redis(stage.line.redis.url);
    queues = new BullQueues(connectProducer(stage.line.redis.url));
  }, 120_000);
  afterAll(async () => {
    await queues?.close();
    redis?.disconnect();
    await stage?.close();
  }, 60_000);

  const load = async (id: string): Promise<RequestRecord> => {
    const fields = Object.entries(await redis.hgetall(keys.request(id))).filter(([name]) => !name.startsWith('_'));
    return Object.fromEntries(fields.map(([name, text]) => [name, JSON.parse(text) as unknown])) as unknown as RequestRecord;
  };
  const write = async (id: string, fields: object): Promise<void> => {
    for (const [name, value] of Object.entries(fields)) await redis.hset(keys.request(id), name, JSON.stringify(value));
    if ('state' in fields) await redis.hset(keys.request(id), '_status', (fields.state as RequestRecord['state']).status);
  };
  const idOf = (text: string): string => /[0-9A-Z]{6}-[0-9A-Z]{4}/.exec(text)?.[0] ?? '';
  /** A request that waits for its first vote. */
  const waiting = async (app: string, environment = 'prod'): Promise<{ id: string; ts: string }> => {
    await stage.deploy(app, { replicas: 1 });
    await stage.push(app);
    await stage.say(DEV, `/repull ${app} ${environment}`);
    const card = await stage.untilCard(app, /Waiting for approval/);
    return { id: idOf(card.text), ts: card.ts };
  };
  const click = (user: string, ts: string) => stage.line.slack.as(user).click({ channelId: DEPLOYS, ts }, 'approve');
  const reaches = async (id: string, status: string): Promise<void> => {
    let last: unknown;
    const arrived = async () => {
      last = (await load(id)).state;
      return (last as RequestRecord['state']).status === status;
    };
    await until(arrived, { what: `${id} is ${status}`, withinMs: 30_000, everyMs: 100 }).catch((problem: unknown) => {
      throw new Error(`${String(problem)}: ${JSON.stringify(last)}`);
    });
  };
  const audited = async (id: string) => (await readAudit(redis)).filter((entry) => entry['id'] === id);
  /** Why it ended; everything else that a refusal by the worker must be is judged here. */
  const refusalOf = async (app: string, id: string, status = 'refused'): Promise<string> => {
    await reaches(id, status);
    const last = (await audited(id)).at(-1);
    expect(last).toMatchObject({ to: status, actor: 'repull:worker' });
    expect((await load(id)).state).toMatchObject({ because: { code: last?.['because'] } });
    expect(await stage.generation(app)).toBe(1);
    return last?.['because'] ?? '';
  };
  /** The same request once more, under an id that no bot gave it. */
  const copyOf = async (id: string, app: string, change: Partial<RequestRecord>): Promise<string> => {
    const forged = `${id.slice(0, 7)}FAKE`;
    await redis.copy(keys.request(id), keys.request(forged));
    await write(forged, { id: forged, ...change });
    const line = `test/Deployment/${stage.namespace}/${app}`;
    await redis.hset(keys.request(forged), '_lines', JSON.stringify([line]));
    await redis.zadd(keys.line(line), 1, forged);
    return forged;
  };

  it.each<[string, string, Edit]>([
    ['another plan', 'vote-plan', otherPlan],
    ['votes by people who gave none', 'vote-votes', moreVotes],
    ['a decision that wants no votes', 'vote-decision', noVotes],
    ['another app', 'vote-app', ({ ask }) => ({ ask: { ...ask, workloads: ['deployment/something-else'] } })],
    ['another requester, who could then vote themselves', 'vote-self', () => ({ requester: SRE2 })],
  ])('a vote on %s is refused, said aloud, and audited', async (_, app, edit) => {
    const { id, ts } = await waiting(app, 'double');
    await write(id, edit(await load(id)));
    await click(SRE, ts);
    await stage.line.waitFor(SRE, new RegExp(`${id} was written or edited by somebody else`));
    expect((await load(id)).state.status).toBe('awaiting-approval');
    expect((await audited(id)).at(-1)).toMatchObject({ because: 'unsigned' });
    expect(await stage.generation(app)).toBe(1);
  });

  it('what is edited between the last vote and the first write is refused by the worker; what is not is carried out', async () => {
    const edits: Record<string, Edit> = {
      'edited-plan': otherPlan,
      'edited-words': otherReplicas,
      'edited-decision': noVotes,
      'edited-votes': moreVotes,
      'edited-ask': ({ ask }) => ({ ask: { ...ask, force: true } }),
    };
    const made = await Promise.all(Object.keys(edits).map(async (app) => ({ app, ...(await waiting(app)) })));
    const honest = await waiting('honest');
    for (const worker of stage.line.workers.splice(0)) await worker.stop();
    for (const { id, ts } of [...made, honest]) {
      await click(SRE, ts);
      await reaches(id, 'queued');
    }
    for (const { id, app } of made) await write(id, edits[app]?.(await load(id)) ?? {});
    await (await stage.line.startWorker()).untilReady();
    for (const { app, id } of made) expect(await refusalOf(app, id)).toBe('unsigned');
    expect((await stage.untilCard('edited-plan', /Refused/)).text).toMatch(/signature/i);
    await reaches(honest.id, 'succeeded');
  });

  it('half of the votes are not all of them, whatever the state says', async () => {
    const { id, ts } = await waiting('half', 'double');
    await click(SRE, ts);
    await until(async () => (await load(id)).approvals.length === 1, { what: 'the first vote' });
    const forged = await copyOf(id, 'half', { state: { status: 'queued', deadline: Date.now() + 60_000 } });
    await queues.rollOut('test', forged);
    expect(await refusalOf('half', forged)).toBe('unsigned');
    await write(id, { state: { status: 'queued', deadline: Date.now() + 60_000 } });
    const line = `test/Deployment/${stage.namespace}/half`;
    await redis.hset(keys.request(id), '_lines', JSON.stringify([line]));
    await redis.zadd(keys.line(line), 2, id);
    await queues.rollOut('test', id);
    expect(await refusalOf('half', id)).toBe('unsigned');
  });

  it('a request that was made in Redis is refused, at whatever step it pretends to be', async () => {
    const { id } = await waiting('made');
    const planning = await copyOf(id, 'made', { state: { status: 'planning' }, decision: { verdict: 'allow', rule: 'mine' } });
    await queues.plan('test', planning, '9');
    expect(await refusalOf('made', planning)).toBe('unsigned');
    await redis.del(keys.request(planning));
    const rolling = await copyOf(id, 'made', {
      state: { status: 'rolling-out', deadline: Date.now() + 60_000 },
      writing: { at: Date.now() },
      ...otherPlan(await load(id)),
    });
    await queues.rollOut('test', rolling);
    expect(await refusalOf('made', rolling, 'failed')).toBe('unsigned');
  });

  it('a rollback to digests that were edited into the past is refused', async () => {
    await stage.deploy('past', { replicas: 1 });
    await stage.push('past');
    await stage.say(DEV, '/repull past staging');
    const card = await stage.untilCard('past', /Succeeded/);
    const id = idOf(card.text);
    await write(id, otherPlan(await load(id)));
    const before = await stage.generation('past');
    await stage.say(SRE, '/repull rollback past staging');
    const answer = await stage.line.waitFor(SRE, /Refused[\s\S]*past[\s\S]*signature/i);
    expect(answer.text).toContain('past');
    expect(await stage.generation('past')).toBe(before);
  });

  it('a click that nobody made is dropped, and the person whose name it bears is told', async () => {
    const { id, ts } = await waiting('unclicked');
    const hash = (await load(id)).plan?.hash ?? '';
    const intake = { kind: 'click' as const, action: 'approve', value: `${id}.${hash}`, user: SRE, team: stage.line.slack.teamId };
    await queues.intake({ ...intake, channel: DEPLOYS, message: ts }, 'click-forged');
    await stage.line.waitFor(SRE, /does not carry the key of its bots\. Nothing was changed/);
    expect((await load(id)).state.status).toBe('awaiting-approval');
    expect(stage.line.bots[0]?.log()).toContain('no bot with the job key put there');
    await click(SRE, ts);
    await reaches(id, 'succeeded');
  });

  it('a key on the bot alone does no harm, on the worker alone nothing is carried out', async () => {
    for (const worker of stage.line.workers.splice(0)) await worker.stop();
    const keyless = await stage.line.startWorker({ REPULL_JOB_KEY: '' });
    const { id, ts } = await waiting('bot-alone', 'double');
    await click(SRE, ts);
    await click(SRE2, ts);
    await reaches(id, 'succeeded');
    await keyless.stop();
    for (const bot of stage.line.bots.splice(0)) await bot.stop();
    const restarted = await Promise.all([stage.line.startWorker(), stage.line.startBot({ REPULL_JOB_KEY: '' })]);
    await Promise.all(restarted.map((each) => each.untilReady()));
    await stage.deploy('worker-alone', { replicas: 1 });
    await stage.push('worker-alone');
    await stage.say(DEV, '/repull worker-alone staging');
    const answer = await stage.line.waitFor(DEV, /Refused[\s\S]*worker-alone/);
    expect(await refusalOf('worker-alone', idOf(answer.text))).toBe('unsigned');
  });
});
