import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, DEV2, GUEST, RANDOM, SRE, SRE2, startLine, type Line } from '../support/line.ts';
import { policyFor } from '../support/stories.ts';
import { until } from '../support/until.ts';
import { appManifest, create, createNamespace, pathOf, podsOf, simulatedWorld, type World } from '../support/world.ts';

const NS = 'requests';

/** What people meet on the way: no, wait, stop, look. On real processes, Redis and Bolt; the cluster is simulated. */
describe('requests, votes and stops', () => {
  let world: World;
  let line: Line;

  beforeAll(async () => {
    world = await simulatedWorld(0.1);
    await createNamespace(world, NS);
    line = await startLine({ policy: policyFor(NS), kubeconfig: world.kubeconfig });
  }, 120_000);
  afterAll(async () => {
    await line?.close();
    await world?.close();
  }, 60_000);

  const deploy = async (app: string, replicas = 2, pullPolicy: 'Always' | 'IfNotPresent' = 'Always', spec = {}) => {
    const old = await world.push(`${NS}/${app}:v1`);
    const existing = await world.request('GET', pathOf('Deployment', NS, app));
    if (existing.status === 200) await world.request('DELETE', pathOf('Deployment', NS, app));
    await until(async () => (await podsOf(world, NS, app)).length === 0, { what: `no pods of ${app}`, withinMs: 20_000 });
    await create(world, appManifest(NS, app, { image: old.ref, pullPolicy, replicas, spec }));
    await until(async () => (await podsOf(world, NS, app)).filter((pod) => pod.ready).length === replicas, {
      what: `${app} runs`,
      withinMs: 20_000,
    });
    return old;
  };
  const generation = async (app: string) => (await world.request('GET', pathOf('Deployment', NS, app))).body.metadata.generation as number;
  const say = (user: string, text: string, channel = DEPLOYS) => line.slack.as(user).type(channel, text);
  /** The newest card (not ephemeral, not in a thread) that says this. */
  const card = (pattern: RegExp, seconds = 30) =>
    line.slack.waitFor(
      () =>
        line.slack
          .view(DEV, DEPLOYS)
          .messages.findLast((message) => !message.ephemeral && message.threadTs === undefined && pattern.test(message.text)),
      { seconds, what: `a card that says ${pattern}` },
    );
  const idOf = (text: string) => /\b[0-9A-Z]{6}-[0-9A-Z]{4}\b/.exec(text)?.[0] ?? '';
  const clear = async () => {
    await until(
      async () => {
        const open = line.slack
          .view(DEV, DEPLOYS)
          .messages.filter((message) => !message.ephemeral && /^\W*(Waiting|Queued|Rolling|Scheduled)/.test(message.text));
        return open.length === 0;
      },
      { what: 'nothing is open', withinMs: 40_000 },
    );
  };

  it('refuses a guest, says so to the guest alone, and touches nothing', async () => {
    await deploy('my-app');
    await world.push(`${NS}/my-app:v1`);
    const before = await generation('my-app');
    await say(GUEST, '/repull my-app prod');
    const answer = await line.waitFor(GUEST, /denied|may not|not allowed|guest/i);
    expect(answer.message.ephemeral).toBe(true);
    expect(line.seen(DEV, /guest/i)).toBeUndefined();
    expect(await generation('my-app')).toBe(before);
  });

  it('gives the same answer for an app that may not be seen and one that does not exist', async () => {
    await say(DEV, '/repull my-app prod', RANDOM);
    const forbidden = await line.waitFor(DEV, /my-app/, { channel: RANDOM });
    await say(DEV, '/repull no-such-app prod', RANDOM);
    const unknown = await line.waitFor(DEV, /no-such-app/, { channel: RANDOM });
    expect(unknown.text.replaceAll('no-such-app', 'my-app').replaceAll(/[0-9A-Z]{6}-[0-9A-Z]{4}/g, '')).toBe(
      forbidden.text.replaceAll(/[0-9A-Z]{6}-[0-9A-Z]{4}/g, ''),
    );
  });

  it('corrects a typo with a line to copy', async () => {
    await say(DEV, '/repull my-ap prod');
    const answer = await line.waitFor(DEV, /my-ap\b(?!.*…)/);
    expect(answer.text).toMatch(/\/repull my-app prod/);
  });

  it('lets nobody approve their own request, and somebody else reject it with a reason', async () => {
    await say(SRE, '/repull my-app prod');
    const waiting = await card(/Waiting for approval/);
    await line.slack.as(SRE).click({ channelId: DEPLOYS, ts: waiting.ts }, 'approve');
    await line.waitFor(SRE, /own request|yourself|self/i);
    await line.slack.as(DEV2).click({ channelId: DEPLOYS, ts: waiting.ts }, 'approve');
    await line.waitFor(DEV2, /may not|not permitted|denied|sre/i);
    const reviewer = line.slack.as(SRE2);
    await reviewer.click({ channelId: DEPLOYS, ts: waiting.ts }, 'reject');
    await line.slack.waitFor(() => reviewer.modal(), { what: 'the reject modal' });
    reviewer.fill('reason', 'not before the release');
    await reviewer.submit();
    const rejected = await card(/Rejected[\s\S]*my-app/);
    expect(rejected.ts).toBe(waiting.ts);
    expect(rejected.text).toMatch(/not before the release/);
    expect(
      rejected.blocks.flatMap((block) =>
        ((block['elements'] as { action_id?: string }[] | undefined) ?? []).map((element) => element.action_id),
      ),
    ).not.toContain('approve');
  });

  it('joins a second request for the same thing to the first', async () => {
    await say(DEV, '/repull my-app prod');
    const first = await card(/Waiting for approval/);
    await say(DEV2, '/repull my-app prod --reason "me too"');
    const joined = await line.waitFor(DEV2, /already[\s\S]*[0-9A-Z]{6}-[0-9A-Z]{4}/);
    expect(joined.text).toContain(idOf(first.text));
    expect(
      line.slack.view(DEV, DEPLOYS).messages.filter((message) => !message.ephemeral && /Waiting for approval/.test(message.text)),
    ).toHaveLength(1);
    await line.slack.as(DEV).click({ channelId: DEPLOYS, ts: first.ts }, 'cancel');
    expect((await card(/Cancelled[\s\S]*my-app/)).ts).toBe(first.ts);
    await line.waitFor(DEV2, /cancelled/i);
  });

  it('asks again when the tag moved between plan and approval, old beside new', async () => {
    await say(DEV, '/repull my-app prod');
    const waiting = await card(/Waiting for approval/);
    const before = await generation('my-app');
    const moved = await world.push(`${NS}/my-app:v1`);
    // The registry's answer is cached for ten seconds; the re-check before the first write must not trust that.
    await line.slack.as(SRE).click({ channelId: DEPLOYS, ts: waiting.ts }, 'approve');
    await line.slack.waitFor(
      () => {
        const now = line.slack.view(DEV, DEPLOYS).messages.find((message) => message.ts === waiting.ts);
        return now !== undefined && /Waiting for approval/.test(now.text) && now.text.includes(moved.digest.slice(7, 19)) ? now : undefined;
      },
      { seconds: 20, what: 'the card asks again with the new digest' },
    );
    expect(await generation('my-app')).toBe(before);
    await line.slack.as(SRE).click({ channelId: DEPLOYS, ts: waiting.ts }, 'approve');
    await line.slack.waitFor(
      () => line.slack.view(DEV, DEPLOYS).messages.find((message) => message.ts === waiting.ts && /Succeeded/.test(message.text)),
      { seconds: 40, what: 'it succeeds' },
    );
    expect((await podsOf(world, NS, 'my-app')).every((pod) => pod.deleting || pod.digest === moved.digest)).toBe(true);
  });

  it('lets a different request wait in line, with holder and position, and runs it afterwards', async () => {
    await deploy('guarded', 4, 'Always', { minReadySeconds: 10 });
    await world.push(`${NS}/guarded:v1`);
    await say(DEV, '/repull guarded staging --via evict');
    await card(/Rolling out[\s\S]*guarded/);
    await say(DEV2, '/repull guarded staging --via restart --force');
    const queued = await card(/Queued[\s\S]*guarded/);
    expect(queued.text).toMatch(/[0-9A-Z]{6}-[0-9A-Z]{4}/);
    await say(DEV, '/repull status');
    const status = await line.waitFor(DEV, /Queued[\s\S]*guarded|guarded[\s\S]*Queued/i);
    expect(status.text).toBeTruthy();
    await line.slack.waitFor(
      () => line.slack.view(DEV, DEPLOYS).messages.find((message) => message.ts === queued.ts && /Succeeded|Refused/.test(message.text)),
      { seconds: 60, what: 'the second one ends' },
    );
  });

  it('stops evicting when somebody cancels, and says what was already done', async () => {
    await clear();
    const old = await deploy('guarded', 6, 'Always', { minReadySeconds: 15 });
    await world.push(`${NS}/guarded:v1`);
    await say(SRE, '/repull guarded staging --via evict');
    const rolling = await card(/Rolling out[\s\S]*guarded/);
    await until(async () => (await podsOf(world, NS, 'guarded')).some((pod) => pod.digest !== undefined && pod.digest !== old.digest), {
      what: 'the first pod is replaced',
      withinMs: 20_000,
    });
    await line.slack.as(SRE).click({ channelId: DEPLOYS, ts: rolling.ts }, 'cancel');
    const cancelled = await card(/Cancelled[\s\S]*guarded/);
    expect(cancelled.ts).toBe(rolling.ts);
    const left = (await podsOf(world, NS, 'guarded')).filter((pod) => pod.digest === old.digest && !pod.deleting).length;
    expect(left).toBeGreaterThan(0);
  });

  it('answers check and --dry-run to the caller alone, and changes nothing', async () => {
    await deploy('cached', 2, 'IfNotPresent');
    const fresh = await world.push(`${NS}/cached:v1`);
    const before = await generation('cached');
    await say(DEV, '/repull check cached staging');
    const check = await line.waitFor(DEV, /Check[\s\S]*cached/);
    expect(check.message.ephemeral).toBe(true);
    expect(check.text).toContain(fresh.digest.slice(7, 19));
    await say(DEV, '/repull cached staging --dry-run');
    const dry = await line.waitFor(DEV, /Dry run[\s\S]*cached/);
    expect(dry.message.ephemeral).toBe(true);
    expect(dry.text).toMatch(/pin/);
    expect(await generation('cached')).toBe(before);
  });

  it('freezes an environment for everybody, and thaws it', async () => {
    await say(SRE, '/repull freeze staging "database is moving" --for 2h');
    await line.waitFor(SRE, /frozen|froze/i);
    await say(DEV, '/repull cached staging');
    const refused = await line.waitFor(DEV, /database is moving/);
    expect(refused.text).toBeTruthy();
    await say(SRE, '/repull unfreeze staging');
    await line.waitFor(SRE, /no longer frozen/i);
    await say(DEV, '/repull cached staging');
    await card(/Succeeded[\s\S]*cached/, 40);
  });

  it('works as a mention inside a thread, and rolls back by command', async () => {
    const root = await line.slack.as(DEV).type(DEPLOYS, 'cached looks wrong since this morning');
    await line.slack.as(SRE).type(DEPLOYS, '@repull rollback cached staging', { threadTs: root.ts ?? '' });
    const done = await card(/Succeeded[\s\S]*cached[\s\S]*undoes/, 40);
    expect(done.text).toMatch(/undoes/);
  });

  it('answers every other verb usefully', async () => {
    for (const [text, pattern] of [
      ['/repull help', /\/repull <app> <env>|--tag/],
      ['/repull apps', /my-app[\s\S]*myapp|my-app/],
      ['/repull envs', /prod[\s\S]*staging/],
      ['/repull can-i my-app prod', /request[\s\S]*approv/i],
      ['/repull history cached staging', /cached/],
    ] as const) {
      await say(DEV, text);
      const answer = () => line.slack.view(DEV, DEPLOYS).messages.find((message) => message.ephemeral && pattern.test(message.text));
      expect((await line.slack.waitFor(answer, { what: `an answer to ${text} that says ${pattern}` })).ephemeral).toBe(true);
    }
    const id = idOf((await card(/Succeeded[\s\S]*cached/)).text);
    await say(DEV, `/repull show ${id.toLowerCase()}`);
    const shown = await line.waitFor(DEV, new RegExp(`Succeeded[\\s\\S]*${id}`));
    expect(shown.text).toMatch(/pulled|undoes/);
  });

  it('opens a modal for the bare command, and carries out what was filled in', async () => {
    await world.push(`${NS}/cached:v1`);
    const person = line.slack.as(DEV);
    await person.type(DEPLOYS, '/repull');
    await line.slack.waitFor(() => person.modal(), { what: 'the request modal' });
    const offered = await person.suggest(undefined, 'app', 'cac');
    expect(offered.map((option) => option.value)).toEqual(['cached']);
    await person.clickModal('app', { value: 'cached' });
    await person.suggest(undefined, 'environment', 'sta');
    await person.clickModal('environment', { value: 'staging' });
    await person.submit();
    await card(/Succeeded[\s\S]*cached/, 40);
  });
});
