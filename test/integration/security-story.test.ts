import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slackManifest } from '../../src/slack/manifest.ts';
import { keys } from '../../src/store/keys.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, RANDOM, SRE, SRE2, workspace } from '../support/line.ts';
import { freePort } from '../support/process.ts';
import { until } from '../support/until.ts';
import { create, pathOf } from '../support/world.ts';

const PRIVATE = 'C0PRIVATE1';
const PULL_PASSWORD = 'canary-pull-password-7f3a9c';
const JOB_KEY = 'canary-job-key-51c0de';
const AGAIN = Number.POSITIVE_INFINITY;

/** What each method needs, by Slack's own pages (research: the manifest of docs/slack-traps.md); undefined: nothing. `kind` is the channel's. */
const NEEDS: Record<string, (kind: 'channels' | 'groups') => string | undefined> = {
  'auth.test': () => undefined,
  'apps.connections.open': () => undefined, // The app token's, `connections:write`.
  'bots.info': () => 'users:read',
  'chat.getPermalink': () => undefined,
  'chat.postEphemeral': () => 'chat:write',
  'chat.postMessage': () => 'chat:write',
  'chat.update': () => 'chat:write',
  'conversations.history': (kind) => `${kind}:history`,
  'conversations.info': (kind) => `${kind}:read`,
  'conversations.replies': (kind) => `${kind}:history`,
  response_url: () => undefined,
  'usergroups.list': () => 'usergroups:read',
  'users.info': () => 'users:read',
  'views.open': () => undefined,
  'views.publish': () => undefined,
  'views.update': () => undefined,
};
const EVENT_NEEDS: Record<string, string | undefined> = {
  app_mention: 'app_mentions:read',
  app_home_opened: undefined,
  app_uninstalled: undefined,
  tokens_revoked: undefined,
  subteam_members_changed: 'usergroups:read',
  subteam_updated: 'usergroups:read',
  channel_archive: 'channels:read',
  channel_shared: 'channels:read',
  channel_unshared: 'channels:read',
  channel_id_changed: 'channels:read',
  group_archive: 'groups:read',
};

/**
 * One long story at debug level, in which everything is typed, pressed, sent and goes wrong once, with exactly the scopes that `repull manifest`
 * asks for; then what was written anywhere is searched for secrets, and the calls for scopes.
 */
describe.each([
  { name: 'Socket Mode, least scopes', exactlyOnce: false, http: false },
  { name: 'HTTP mode, --exactly-once', exactlyOnce: true, http: true },
])('a whole story, $name', ({ exactlyOnce, http }) => {
  const manifest = slackManifest(exactlyOnce);
  const scopes: readonly string[] = manifest.oauth_config?.scopes?.bot ?? [];
  const events: readonly string[] = manifest.settings?.event_subscriptions?.bot_events ?? [];
  let stage: Stage;
  let redis: Redis;
  let monitor: Redis;
  const toRedis: string[] = [];
  let metrics = '';
  let objects = '';
  let uninstalled = { state: '', because: '' };

  beforeAll(async () => {
    stage = await openStage({
      bots: 0,
      env: { REPULL_JOB_KEY: JOB_KEY },
      slack: {
        workspace: {
          ...workspace,
          channels: [...workspace.channels, { id: PRIVATE, name: 'secret', kind: 'private', members: [DEV, SRE, SRE2] }],
          app: { scopes: [...scopes], events: [...events] },
        },
      },
      policyOf: (policy) =>
        `${policy.replace(`channels: [${DEPLOYS}]`, `channels: [${DEPLOYS}, ${PRIVATE}]`)}\nincidents: { bind: [sre], votes: 0, reason: required, announce: ${RANDOM} }\n`,
    });
    redis = new Redis(stage.line.redis.url);
    monitor = await redis.monitor();
    monitor.on('monitor', (_time: string, args: string[]) => toRedis.push(args.join(' ')));
    const port = await freePort();
    if (http) stage.line.slack.useHttp(`http://127.0.0.1:${port}/slack/events`);
    const secret = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: stage.line.slack.signingSecret, PORT: String(port) };
    await (await stage.line.startBot(http ? secret : {})).untilReady();
    await tell(stage, http);
    const processes = [...stage.line.bots, ...stage.line.workers];
    const pages = processes.flatMap(({ opsPort }) => ['metrics', 'readyz', 'livez'].map((page) => `http://127.0.0.1:${opsPort}/${page}`));
    metrics = (await Promise.all(pages.map(async (page) => (await fetch(page)).text()))).join('\n');
    const { body } = await stage.world.request('GET', pathOf('Deployment', stage.namespace));
    objects = JSON.stringify(body);
    // A clean end has lines of its own.
    uninstalled = await uninstall(stage, redis);
    await Promise.all(processes.map((each) => each.stop()));
  }, 240_000);
  afterAll(async () => {
    monitor?.disconnect();
    redis?.disconnect();
    await stage?.close();
  }, 60_000);

  it('leaves no token, response URL, trigger id or other secret in any log, in Redis, in the metrics, in the cluster or in Slack', async () => {
    const { slack } = stage.line;
    const deliveries = slack.deliveries.all().map((each) => each.payload);
    const handed = (field: string) => deliveries.flatMap((payload) => (typeof payload[field] === 'string' ? [payload[field]] : []));
    const tickets = slack.calls
      .of('apps.connections.open')
      .flatMap(({ response }) => JSON.stringify(response).match(/ticket=(\w+)/)?.[1] ?? []);
    const kubeTokens = /token: (\S+)/.exec(stage.world.kubeconfig)?.[1];
    const kubeKey = /client-key-data: (\S+)/.exec(stage.world.kubeconfig)?.[1];
    const of = {
      botToken: [slack.botToken],
      appToken: [slack.appToken],
      signingSecret: [slack.signingSecret],
      jobKey: [JOB_KEY],
      pullPassword: [PULL_PASSWORD, Buffer.from(`puller:${PULL_PASSWORD}`).toString('base64')],
      cluster: [kubeTokens, kubeKey].filter((each) => each !== undefined),
      triggers: handed('trigger_id'),
      // The last part alone is what counts; the host is no secret.
      responseUrls: handed('response_url').map((url) => new URL(url).pathname),
      verification: [...new Set(handed('token'))],
      tickets,
    };
    expect(of.triggers.length).toBeGreaterThan(20);
    expect(of.responseUrls.length).toBeGreaterThan(15);
    expect(of.cluster.length).toBeGreaterThan(0);
    expect(of.tickets.length > 0).toBe(!http);

    // Else a long text would be looked for in its compressed form.
    await redis.config('SET', 'rdbcompression', 'no');
    const stored = await Promise.all((await redis.keys('*')).map(async (key) => (await redis.dumpBuffer(key)).toString('latin1')));
    const said = slack.calls.all().map(({ method, args }) => {
      const { trigger_id: _, token: __, ...rest } = args;
      return [method, rest];
    });
    const sinks = {
      logs: [...stage.line.bots, ...stage.line.workers].map((each) => each.log()).join('\n'),
      redisCommands: toRedis.join('\n'),
      redis: stored.join('\n'),
      metrics,
      objects,
      slack: JSON.stringify(said),
    };
    // It was looked where something is.
    const marks = {
      logs: 'template patched',
      redisCommands: 'intake-click-',
      redis: 'new build',
      metrics: 'repull_open_requests',
      objects: 'imagePullSecrets',
      slack: 'new build',
    };
    const seen = Object.entries(marks).map(([sink, mark]) => [sink, sinks[sink as keyof typeof sinks].includes(mark)]);
    expect(Object.fromEntries(seen)).toEqual({ logs: true, redisCommands: true, redis: true, metrics: true, objects: true, slack: true });
    expect(toRedis.length).toBeGreaterThan(500);
    const found = Object.entries(sinks).flatMap(([sink, text]) =>
      Object.entries(of).flatMap(([kind, secrets]) => secrets.filter((secret) => text.includes(secret)).map(() => `${kind} in ${sink}`)),
    );
    expect([...new Set(found)]).toEqual([]);
  });

  it('calls nobody who is not concerned, whatever was typed as a reason', () => {
    const { slack } = stage.line;
    const mentions = [DEPLOYS, PRIVATE, RANDOM].flatMap((channel) =>
      slack
        .view(SRE, channel)
        .messages.flatMap((message) => [message, ...message.replies])
        .filter((each) => each.isBot),
    );
    const called = mentions.flatMap((message) => message.mentions.map((each) => each.id));
    expect([...new Set(called)].filter((id) => ![DEV, SRE].includes(id))).toEqual([]);
    const typed = mentions.filter((message) => message.text.includes('tell everybody'));
    expect(typed.length).toBeGreaterThan(0);
    expect(typed.flatMap((message) => message.text.match(/<!(?!date)\w+|<http[^>]*evil/g) ?? [])).toEqual([]);
  });

  it('goes on with a rollout when it is taken out of the workspace, and stops talking', () => {
    expect(uninstalled.state).toBe('succeeded');
    expect(uninstalled.because).toMatch(/account_inactive|token_revoked/);
  });

  it('needs every scope that the manifest asks for, and no other', () => {
    const { slack } = stage.line;
    const kindOf = (channel: unknown): 'channels' | 'groups' => (channel === PRIVATE ? 'groups' : 'channels');
    const unknown = [...new Set(slack.calls.all().map((call) => call.method))].filter((method) => !(method in NEEDS));
    expect(unknown).toEqual([]);
    const refused = slack.calls.all().filter((call) => call.result === 'missing_scope');
    expect(refused.map(({ method, args }) => [method, args['channel']])).toEqual([]);
    const used = new Set(slack.calls.all().flatMap((call) => NEEDS[call.method]?.(kindOf(call.args['channel'])) ?? []));
    const delivered = slack.deliveries.all();
    if (delivered.some((each) => each.type === 'slash_commands')) used.add('commands');
    for (const { payload } of delivered) {
      const event = payload['event'] as { type?: string } | undefined;
      const needed = EVENT_NEEDS[event?.type ?? ''];
      if (needed !== undefined) used.add(needed);
    }
    expect([...used].toSorted()).toEqual(scopes.toSorted());
    expect(scopes.filter((scope) => scope.endsWith('history'))).toHaveLength(exactlyOnce ? 2 : 0);
  });

  it('subscribes to no event that it has no scope for', () => {
    expect(events.filter((event) => !(event in EVENT_NEEDS))).toEqual([]);
    const needed = events.flatMap((event) => EVENT_NEEDS[event] ?? []);
    expect(needed.filter((scope) => !scopes.includes(scope))).toEqual([]);
  });
});

/** In the middle of a rollout; what comes of it, and why it is no longer told. */
async function uninstall(stage: Stage, redis: Redis): Promise<{ state: string; because: string }> {
  const { slack } = stage.line;
  await stage.deploy('slow', { replicas: 3, env: { READY_AFTER: '1s' }, spec: { minReadySeconds: 3 } });
  await stage.push('slow');
  await slack.as(DEV).type(DEPLOYS, '/repull slow staging');
  await until(async () => (await stage.generation('slow')) === 2, { what: 'it rolls out', withinMs: 30_000, everyMs: 50 });
  slack.workspace.uninstall();
  const latest = async () => (await stage.history('slow'))[0];
  await until(async () => !['rolling-out', 'queued'].includes((await latest())?.state ?? 'queued'), {
    what: 'the rollout ends',
    withinMs: 60_000,
    everyMs: 500,
  });
  const last = await latest();
  const [id, state] = [last?.id ?? '', last?.state ?? ''];
  let because = '';
  const givenUp = async () => {
    because = (await redis.hget(keys.delivery(id), 'dead')) ?? '';
    return because !== '';
  };
  // Noted with the request: nobody tries to show it again.
  await until(givenUp, { what: 'nothing more is said about it', withinMs: 20_000, everyMs: 100 });
  return { state, because };
}

async function tell(stage: Stage, http: boolean): Promise<void> {
  const { slack } = stage.line;
  const dev = slack.as(DEV);
  const sre = slack.as(SRE);
  const say = (text: string, channel = DEPLOYS) => dev.type(channel, text);
  const docker = { auths: { [stage.world.registry]: { username: 'puller', password: PULL_PASSWORD } } };
  await create(stage.world, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name: 'pull', namespace: stage.namespace },
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify(docker)).toString('base64') },
  } as never);
  await stage.deploy('my-app', { replicas: 1, pod: { imagePullSecrets: [{ name: 'pull' }] } });

  // Asked, refused by a person, asked again, approved; looked at in every dialog.
  await stage.push('my-app');
  await say('/repull my-app prod --reason "new build, tell everybody <!channel> <!subteam^S0SRE00001> <http://evil.example|here>"');
  const first = await stage.untilCard('my-app', /Waiting for approval/);
  const card = { channelId: DEPLOYS, ts: first.ts };
  await sre.openHome();
  await slack.waitFor(() => sre.home(), { what: 'the App Home' });
  await sre.click(card, 'details');
  await slack.waitFor(() => sre.modal(), { what: 'the details' });
  await sre.closeModal();
  slack.faults.add({ method: 'views.open', do: { kind: 'error', error: 'expired_trigger_id' } });
  await sre.click(card, 'reject');
  await stage.line.waitFor(SRE, /could not be opened/);
  await sre.click(card, 'reject');
  await slack.waitFor(() => sre.modal(), { what: 'the form' });
  sre.fill('reason', 'not yet');
  await sre.submit();
  await stage.untilCard('my-app', /Rejected/);
  await say('/repull my-app prod');
  const second = await stage.untilCard('my-app', /Waiting for approval/);
  slack.faults.add({ method: 'users.info', do: { kind: 'http', status: 503 } });
  await sre.click({ channelId: DEPLOYS, ts: second.ts }, 'approve');
  await stage.line.waitFor(SRE, /could not confirm/);
  if (!http) slack.faults.socket.cut();
  if (!http) await slack.waitFor(() => slack.connections() === 1, { what: 'the connection' });
  await sre.click({ channelId: DEPLOYS, ts: second.ts }, 'approve');
  await stage.untilCard('my-app', /Succeeded/);

  // Where replies get lost: in public, in the thread, in a private channel.
  for (const channel of [DEPLOYS, PRIVATE]) {
    await stage.push('my-app');
    slack.faults.add({ method: 'chat.postMessage', times: 2, do: { kind: 'commit-then-reset' } });
    const before = slack.calls.mark();
    await say('/repull my-app staging', channel);
    await slack.waitFor(
      () => slack.calls.since(before).some((call) => call.method.startsWith('chat.') && String(call.args['text']).startsWith('Succeeded')),
      { what: `the end in ${channel}`, seconds: 60 },
    );
  }

  // Everything that is answered to one person, in every way in.
  slack.faults.add({ method: 'response_url', times: 2, do: { kind: 'http', status: 500 } });
  const verbs = [
    'status',
    'history',
    'apps',
    'envs',
    'help',
    'can-i my-app prod',
    'check my-app staging',
    'my-app prod --dry-run',
    'my-ap prod',
  ];
  for (const verb of verbs) await say(`/repull ${verb}`);
  await say('/repull my-app staging');
  await stage.line.waitFor(DEV, /nothing new/i);
  const { ts: thread = '' } = await say('what is with my-app in staging?');
  await dev.type(DEPLOYS, '@repull status', { threadTs: thread });
  await dev.shortcut({ channelId: DEPLOYS, ts: thread }, 'repull_from_here');
  await slack.waitFor(() => dev.modal(), { what: 'the form of the shortcut' });
  await dev.suggest(undefined, 'app', 'my');
  const drawn = dev.modal()?.hash;
  await dev.clickModal('app', { value: 'my-app' });
  await slack.waitFor(() => dev.modal()?.hash !== drawn, { what: 'the form follows' });
  await dev.submit();
  await dev.type(slack.workspace.directMessage(DEV, slack.botUserId).id, '/repull my-app prod');
  await sre.type(DEPLOYS, '/repull freeze staging "stop" --for 2h');
  await stage.line.waitFor(SRE, /is frozen/);
  await sre.type(DEPLOYS, '/repull unfreeze staging');
  await sre.type(DEPLOYS, '/repull incident on --for 1h');
  await stage.line.waitFor(SRE, /incident channel for/);
  await sre.type(DEPLOYS, '/repull incident off');

  // A failure with its last lines, and the way back.
  await stage.deploy('crashy', { replicas: 1 });
  await stage.world.push(`${stage.namespace}/crashy:v1`, { crash: true });
  await say('/repull crashy staging');
  const failed = await stage.untilCard('crashy', /Failed/, 60);
  await sre.click({ channelId: DEPLOYS, ts: failed.ts }, 'rollback');
  await until(() => slack.view(DEV, DEPLOYS).messages.some((message) => /Succeeded[\s\S]*undoes/.test(message.text)), {
    what: 'the rollback',
    withinMs: 60_000,
  });
  slack.faults.add({ method: 'usergroups.list', times: AGAIN, do: { kind: 'rate-limit', retryAfter: 1 } });
  slack.workspace.setGroupMembers('S0SRE00001', [SRE]);
  await sre.type(DEPLOYS, '/repull can-i my-app prod');
  await stage.line.waitFor(SRE, /cannot be confirmed/);
  slack.faults.clear();
  slack.workspace.archive(RANDOM);
}
