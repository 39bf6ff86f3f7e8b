import { describe, expect, it } from 'vitest';
import { AWAY } from '../../../src/slack/listeners/accept.ts';
import { aBench, type Bench, DEPLOYS, DEV, EXTERNAL, newest, seen, SRE } from './support.ts';
import { aRecord, STORIES } from '../../unit/slack/stories.ts';

const waiting = STORIES.find((story) => story.name === 'waiting-for-approval')?.record ?? aRecord();
const here = { channel: DEPLOYS };
const [first] = waiting.plan?.containers ?? [];
const registryDigest = first?.registry.known === true ? first.registry.digest : 'no digest';

/** A card that waits for approval, in the channel. */
async function aCard({ slack }: Bench): Promise<{ channelId: string; ts: string }> {
  const posted = await slack.channel.postCard({ ...waiting, ...here }, {});
  if (!posted.ok) throw new Error(JSON.stringify(posted));
  return { channelId: DEPLOYS, ts: posted.ts };
}

describe('a click', () => {
  it('is written down with who, where and on which message, and then acknowledged', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    const outcome = await bench.local.as(SRE).click(card, 'approve');
    expect(outcome.acked).toBe(true);
    expect(bench.queues.jobs[0]?.intake).toMatchObject({
      kind: 'click',
      action: 'approve',
      value: `${waiting.id}.${waiting.plan?.hash}`,
      user: SRE,
      team: bench.local.teamId,
      channel: DEPLOYS,
      message: card.ts,
    });
  });

  it('asks first, and names app, environment and digest', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    const dialog = bench.local.as(SRE).confirmOf(card, 'approve');
    expect(dialog?.text).toContain(`my-app in prod will run ${registryDigest.slice(0, 'sha256:'.length + 12)}`);
    const outcome = await bench.local.as(SRE).click(card, 'approve', { confirm: false });
    expect(outcome.kind).toBe('not-confirmed');
    expect(bench.queues.offered).toBe(0);
  });

  it('of somebody of another workspace carries that workspace, so that policy can say no', async () => {
    const bench = await aBench();
    bench.local.workspace.share(DEPLOYS);
    bench.local.workspace.join(DEPLOYS, EXTERNAL);
    const card = await aCard(bench);
    await bench.local.as(EXTERNAL).click(card, 'approve');
    expect(bench.queues.jobs.map((job) => job.intake)).toContainEqual(
      expect.objectContaining({ kind: 'click', user: EXTERNAL, team: 'T9999EXT01' }),
    );
  });

  it('is answered while Redis is away, to whoever clicked and nobody else', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    bench.queues.mood = 'fails';
    const outcome = await bench.local.as(SRE).click(card, 'approve');
    expect(outcome.acked).toBe(true);
    await bench.local.waitFor(() => newest(bench.local, SRE)?.text === AWAY);
    expect(seen(bench.local, DEV)).not.toContain(AWAY);
    expect(bench.queues.jobs).toHaveLength(0);
  });

  it('made twice has two keys, one delivered twice has one', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    bench.local.faults.socket.duplicate(1);
    await bench.local.as(SRE).click(card, 'approve');
    await bench.local.waitFor(() => bench.queues.offered === 2);
    expect(bench.queues.jobs).toHaveLength(1);
    await bench.local.as(SRE).click(card, 'approve');
    expect(bench.queues.jobs).toHaveLength(2);
  });
});

describe('Reject', () => {
  it('asks for a reason in a modal, and what was sent is written down before the modal closes', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    await bench.local.as(SRE).click(card, 'reject');
    const modal = await bench.local.waitFor(() => bench.local.as(SRE).modal());
    expect(modal.title).toBe('Reject');
    expect(bench.queues.offered).toBe(0);
    bench.local.as(SRE).fill('reason', 'not <!channel> now');
    const outcome = await bench.local.as(SRE).submit();
    expect(outcome.acked).toBe(true);
    expect(bench.local.as(SRE).modal()).toBeUndefined();
    expect(bench.queues.jobs[0]?.intake).toEqual({
      kind: 'submit',
      callback: 'reject',
      metadata: `${DEPLOYS} ${waiting.id}.${waiting.plan?.hash} ${card.ts}`,
      values: { reason: 'not <!channel> now' },
      user: SRE,
      team: bench.local.teamId,
    });
  });

  it('keeps the modal open, with what was typed, while Redis is away', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    await bench.local.as(SRE).click(card, 'reject');
    await bench.local.waitFor(() => bench.local.as(SRE).modal());
    bench.local.as(SRE).fill('reason', 'not now');
    bench.queues.mood = 'hangs';
    const outcome = await bench.local.as(SRE).submit();
    expect(outcome.fieldErrors).toEqual({ reason: AWAY });
    expect(bench.local.as(SRE).modal()).toBeDefined();
  });

  it('says so when the modal cannot be opened', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    bench.local.faults.add({ method: 'views.open', do: { kind: 'error', error: 'internal_error' } });
    await bench.local.as(SRE).click(card, 'reject');
    const told = await bench.local.waitFor(() => (newest(bench.local, SRE)?.ephemeral === true ? newest(bench.local, SRE) : undefined));
    expect(told.text).toContain('could not be opened; nothing was changed');
  });
});

describe('Details', () => {
  it('shows plan, writes and evidence of the record, asked for this person in this channel', async () => {
    const asked: unknown[] = [];
    const done = STORIES.find((story) => story.name === 'succeeded')?.record;
    const bench = await aBench({
      details: async (...question) => {
        asked.push(question);
        return done;
      },
    });
    const card = await aCard(bench);
    await bench.local.as(DEV).click(card, 'details');
    const modal = await bench.local.waitFor(() => bench.local.as(DEV).modal());
    const shown = JSON.stringify(modal.blocks);
    expect(shown).toMatch(/Exact writes/);
    expect(shown).toMatch(/resourceVersion is \d+/);
    const pods = done?.verdicts?.flatMap((verdict) => verdict.pods) ?? [];
    expect(pods.length).toBeGreaterThan(0);
    for (const { pod, evidence } of pods) {
      expect(shown).toContain(pod);
      expect(shown).toContain(evidence?.message.slice(0, 20) ?? 'no pull event was seen');
    }
    expect(asked).toEqual([[waiting.id, DEV, bench.local.teamId, { channel: DEPLOYS, message: card.ts }]]);
    expect(bench.queues.offered).toBe(0);
  });

  it('shows nothing of a record that this person may not see, or that cannot be read', async () => {
    const bench = await aBench({ details: async () => undefined });
    const card = await aCard(bench);
    await bench.local.as(DEV).click(card, 'details');
    const modal = await bench.local.waitFor(() => bench.local.as(DEV).modal());
    expect(JSON.stringify(modal.blocks)).toContain('no such request that you may see');
  });
});

describe('the request modal', () => {
  it('opens within 3 s even while chat.update is limited', async () => {
    const bench = await aBench();
    const card = await aCard(bench);
    bench.local.faults.add({ method: 'chat.update', do: { kind: 'rate-limit', retryAfter: 30 }, times: 5 });
    const update = await bench.slack.channel.updateCard(
      { channel: card.channelId, ts: card.ts },
      { ...waiting, state: { status: 'cancelled', by: DEV, changed: false } },
      {},
    );
    expect(update).toMatchObject({ ok: false, because: 'rate-limited', retryAfterMs: 30_000 });
    const began = Date.now();
    await bench.local.as(DEV).type(DEPLOYS, '/repull');
    await bench.local.waitFor(() => bench.local.as(DEV).modal());
    expect(Date.now() - began).toBeLessThan(3_000);
  });
});
