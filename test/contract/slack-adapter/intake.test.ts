import { describe, expect, it } from 'vitest';
import { makeGate } from '../../../src/slack/gate.ts';
import { AWAY } from '../../../src/slack/listeners/accept.ts';
import { aBench, DEPLOYS, DEV, EXTERNAL, newest, seen, SRE } from './support.ts';

describe.each([
  { name: 'over Socket Mode', http: false },
  { name: 'over HTTP', http: true },
])('what Slack delivers, $name', ({ http }) => {
  it('is written down before it is acknowledged, and the person sees Planning …', async () => {
    const { local, queues } = await aBench({ http });
    const outcome = await local.as(DEV).type(DEPLOYS, '/repull my-app prod --reason "new build"');
    expect(outcome.acked).toBe(true);
    expect(outcome.shown?.text).toBe('Planning my-app in prod …');
    expect(outcome.shown?.ephemeral).toBe(true);
    expect(queues.jobs).toHaveLength(1);
    expect(queues.jobs[0]?.intake).toMatchObject({
      kind: 'command',
      text: 'my-app prod --reason "new build"',
      user: DEV,
      channel: DEPLOYS,
    });
  });

  it('is answered within 3 s while Redis refuses, and nothing is acknowledged as accepted', async () => {
    const { local, queues } = await aBench({ http });
    queues.mood = 'fails';
    const outcome = await local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    expect(outcome.shown?.text).toBe(AWAY);
    expect(AWAY).toBe('repull cannot accept this now; nothing was changed');
    expect(queues.jobs).toHaveLength(0);
  });

  it('is answered within 3 s while Redis hangs', async () => {
    const { local, queues } = await aBench({ http });
    queues.mood = 'hangs';
    const outcome = await local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    expect(outcome.shown?.text).toBe(AWAY);
    expect(outcome.ackMs).toBeLessThan(3_000);
  });

  it('is acknowledged without a word where no plan is on its way', async () => {
    const { local, queues } = await aBench({ http });
    const outcome = await local.as(DEV).type(DEPLOYS, '/repull status');
    expect(outcome.acked).toBe(true);
    expect(outcome.shown).toBeUndefined();
    expect(queues.jobs).toHaveLength(1);
  });

  it('takes a mention in a thread, and keeps the thread', async () => {
    const { local, queues } = await aBench({ http });
    const { ts } = await local.as(DEV).type(DEPLOYS, 'prod looks old');
    const outcome = await local.as(DEV).type(DEPLOYS, '@repull my-app prod', { threadTs: ts ?? '' });
    expect(outcome.acked).toBe(true);
    expect(queues.jobs[0]?.intake).toMatchObject({ kind: 'command', mention: true, thread: ts, user: DEV });
  });

  it('says to whoever mentioned it that it cannot accept this now', async () => {
    const { local, queues } = await aBench({ http });
    queues.mood = 'fails';
    const outcome = await local.as(DEV).type(DEPLOYS, '@repull my-app prod');
    expect(outcome.acked).toBe(true);
    expect(newest(local, DEV)?.text).toBe(AWAY);
    expect(seen(local, SRE)).not.toContain(AWAY);
  });

  it('does not acknowledge a mention that it could neither write down nor answer, so that Slack brings it again', async () => {
    const { local, queues } = await aBench({ http, local: { retryMs: [0], ackMs: 3_000 } });
    queues.mood = 'fails';
    local.faults.add({ method: 'chat.postEphemeral', do: { kind: 'http', status: 503 }, times: Number.POSITIVE_INFINITY });
    const first = local.as(DEV).type(DEPLOYS, '@repull my-app prod');
    await local.waitFor(() => queues.offered > 0);
    queues.mood = 'fine';
    await first;
    await local.waitFor(() => queues.jobs.length === 1, { what: 'the redelivered mention' });
    expect(queues.jobs[0]?.intake).toMatchObject({ mention: true });
  });
});

describe('what Slack delivers twice', () => {
  it('has the same key both times', async () => {
    const { local, queues } = await aBench();
    local.faults.socket.duplicate(1);
    await local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    await local.waitFor(() => queues.offered === 2);
    expect(queues.jobs).toHaveLength(1);
  });

  it('and two commands of the same text have two', async () => {
    const { local, queues } = await aBench();
    await local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    await local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    expect(queues.jobs).toHaveLength(2);
  });
});

describe('where and by whom', () => {
  it('refuses a direct message in the acknowledgement, and points to channels of this person', async () => {
    const { local, slack, queues } = await aBench({ visible: async () => ({ apps: [], environments: [], channels: [DEPLOYS] }) });
    const dm = local.workspace.directMessage(DEV, slack.botUserId);
    const outcome = await local.as(DEV).type(dm.id, '/repull my-app prod');
    expect(JSON.stringify(outcome.response)).toContain(`<#${DEPLOYS}>`);
    expect(JSON.stringify(outcome.response)).toContain('not used in direct messages');
    expect(queues.offered).toBe(0);
  });

  it('drops a payload of another workspace or app', async () => {
    const { local, queues, log } = await aBench();
    const other = await aBench({ local: { seed: 7 } });
    expect(other.slack.teamId).not.toBe(local.teamId);
    const seenBodies: unknown[] = [];
    const acks: unknown[] = [];
    let door: { processEvent: (event: never) => Promise<void> } | undefined;
    const gate = makeGate({
      receiver: { init: (app) => void (door = app as never), start: async () => undefined, stop: async () => undefined },
      teamId: local.teamId,
      appId: local.appId,
      onEvent: async (body) => void seenBodies.push(body),
      log,
    });
    gate.receiver.init({ processEvent: async (event: { body: unknown }) => void seenBodies.push(event.body) } as never);
    const deliver = (body: unknown) => door?.processEvent({ body, ack: async () => void acks.push(body) } as never);
    await deliver({ command: '/repull', team_id: other.local.teamId, api_app_id: local.appId });
    await deliver({ command: '/repull', team_id: local.teamId, api_app_id: other.local.appId });
    await deliver({ type: 'event_callback', team_id: other.local.teamId, api_app_id: local.appId });
    await deliver({ type: 'block_actions', api_app_id: local.appId });
    expect(seenBodies).toEqual([]);
    expect(acks).toHaveLength(4);
    await deliver({ command: '/repull', team_id: local.teamId, api_app_id: local.appId });
    expect(seenBodies).toHaveLength(1);
    expect(queues.offered).toBe(0);
  });

  it('takes the workspace of whoever clicks from the payload, never ours in its place', async () => {
    const { local, slack, queues } = await aBench();
    local.workspace.share(DEPLOYS);
    local.workspace.join(DEPLOYS, EXTERNAL);
    const posted = await slack.channel.announce(DEPLOYS, 'hello');
    expect(posted.ok).toBe(true);
    expect(await slack.directory.actor(EXTERNAL, 'T9999EXT01')).toMatchObject({ kind: 'stranger' });
    expect(await slack.directory.actor(DEV, '')).toMatchObject({ kind: 'unknown' });
    expect(queues.jobs.filter((job) => job.intake.kind === 'channel-changed').map((job) => job.intake)).toContainEqual({
      kind: 'channel-changed',
      channel: DEPLOYS,
    });
  });
});
