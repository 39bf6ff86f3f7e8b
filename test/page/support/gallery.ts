import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { WebClient } from '@slack/web-api';
import { build } from 'vite';
import { commandHints } from '../../../src/playground/page-server/hints.ts';
import { startPageServer } from '../../../src/playground/page-server/server.ts';
import { manualClock } from '../../../src/playground/slack/clock.ts';
import { startLocalSlack } from '../../../src/playground/slack/start.ts';
import type { LocalSlack } from '../../../src/playground/slack/types.ts';
import { EXHIBITS, type Exhibit } from '../../unit/slack/exhibits.ts';
import { AT } from '../../unit/slack/story-parts.ts';

/** Who looks: may approve, and asked for none of it. */
const READER = 'U0SRE00002';
const CHANNEL = 'C0DEPLOYS1';
/** The clock that the page and the local Slack show, so that a picture is the same every day. */
export const NOW = AT + 120_000;

export interface Gallery {
  url: string;
  /** name → ts of what hangs in the channel. */
  messages: ReadonlyMap<string, string>;
  views: readonly Extract<Exhibit, { as: 'modal' }>[];
  /** Opens it for the reader, as a click would. */
  openModal(name: string): Promise<void>;
  closeModal(): Promise<void>;
  close(): Promise<void>;
}

const assets = path.resolve('node_modules', '.cache', `repull-gallery-${process.pid}`);

/** The real page on the local Slack, which refuses whatever Slack would refuse, with every card and answer in one channel. */
export async function openGallery(): Promise<Gallery> {
  await build({ configFile: path.resolve('vite.config.ts'), logLevel: 'error', build: { outDir: assets } });
  const clock = manualClock(NOW);
  const slack = await startLocalSlack({ workspace: workspace(), rateLimits: 'off', clock });
  const app = await acknowledge();
  slack.useHttp(`http://127.0.0.1:${(app.address() as AddressInfo).port}/slack/events`);
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  const messages = await hang(client, (ms) => clock.advance(ms));
  const home = EXHIBITS.find((each) => each.as === 'home');
  if (home?.as === 'home') await client.views.publish({ user_id: READER, view: home.view });
  const page = await startPageServer({
    slack,
    cluster: NO_CLUSTER,
    assets,
    port: 0,
    stage: {
      personas: [{ id: READER, role: 'SRE', about: 'Looks at pictures.' }],
      shortcuts: [],
      hints: commandHints([], []),
    },
  });
  const views = EXHIBITS.filter((each) => each.as === 'modal');
  return {
    url: page.url,
    messages,
    views,
    async openModal(name) {
      const found = views.find((each) => each.name === name);
      if (found === undefined) throw new Error(`there is no modal ${name}`);
      await client.views.open({ trigger_id: await triggerOf(slack), view: found.view });
    },
    closeModal: async () => void (await slack.as(READER).closeModal()),
    async close() {
      await page.close();
      await slack.close();
      app.close();
      rmSync(assets, { recursive: true, force: true });
    },
  };
}

/** Posted as the bot posts them: cards to all, answers to the reader alone. */
async function hang(client: WebClient, wait: (ms: number) => void): Promise<Map<string, string>> {
  const messages = new Map<string, string>();
  for (const exhibit of EXHIBITS) {
    if (!('message' in exhibit)) continue;
    // Far enough apart that each has its own head, with the name and the time.
    wait(301_000);
    const content = { channel: CHANNEL, text: exhibit.message.text, blocks: exhibit.message.blocks };
    const ts =
      exhibit.as !== 'answer'
        ? (await client.chat.postMessage({ ...content, unfurl_links: false, unfurl_media: false })).ts
        : (await client.chat.postEphemeral({ ...content, user: READER })).message_ts;
    messages.set(exhibit.name, ts ?? '');
  }
  return messages;
}

/** Somebody types a command: what Slack hands to the app opens a modal. */
async function triggerOf(slack: LocalSlack): Promise<string> {
  const { triggerId } = await slack.as(READER).type(CHANNEL, '/repull');
  if (triggerId === undefined) throw new Error('the command was not delivered');
  return triggerId;
}

/** The least that an app must do: say that it heard, and offer something where somebody types. */
async function acknowledge(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const isSuggestion = body.includes('block_suggestion');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(isSuggestion ? JSON.stringify({ options: [{ text: { type: 'plain_text', text: 'my-app' }, value: 'my-app' }] }) : '');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

const workspace = () => ({
  name: 'Acme Shop',
  domain: 'acme-shop',
  users: [
    { id: 'U0DEV00001', name: 'dana', realName: 'Dana Novak' },
    { id: 'U0SRE00001', name: 'sam', realName: 'Sam Okafor' },
    { id: READER, name: 'robin', realName: 'Robin Lindqvist' },
  ],
  channels: [{ id: CHANNEL, name: 'deploys', topic: 'Where images are pulled again', members: ['U0DEV00001', 'U0SRE00001', READER] }],
});

const NO_CLUSTER = {
  panel: () => ({
    name: 'none',
    simulated: true,
    server: '',
    nodes: [],
    workloads: [],
    pods: [],
    tags: [],
    events: [],
    canPush: false,
  }),
  onChange: () => () => undefined,
  close: async () => undefined,
};
