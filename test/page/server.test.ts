import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import { DANA, DEPLOYS, demoWorkspace, PERSONAS } from '../../src/playground/demo.ts';
import { commandHints } from '../../src/playground/page-server/hints.ts';
import { startPageServer } from '../../src/playground/page-server/server.ts';
import type { ClusterPanel, Live } from '../../src/playground/page-server/wire.ts';
import { startLocalSlack } from '../../src/playground/slack/start.ts';
import { until } from '../support/until.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const PANEL: ClusterPanel = {
  name: 'demo',
  simulated: true,
  server: '',
  nodes: [],
  workloads: [],
  pods: [],
  tags: [],
  events: [],
  canPush: false,
};

async function aServer() {
  const folder = mkdtempSync(path.join(tmpdir(), 'repull-page-test-'));
  writeFileSync(path.join(folder, 'index.html'), '<p>the page</p>');
  writeFileSync(`${folder}.js`, 'outside');
  const slack = await startLocalSlack({ workspace: demoWorkspace() });
  const cluster = { panel: () => PANEL, onChange: () => () => undefined, close: async () => undefined };
  const stage = { personas: PERSONAS, shortcuts: [], hints: commandHints([], []) };
  const server = await startPageServer({ slack, cluster, stage, assets: folder, port: 0 });
  closing.push(
    () => slack.close(),
    () => server.close(),
  );
  return { server, slack, folder };
}

/** Raw, because fetch normalises paths and sets Host by itself. */
function ask(port: number, options: { path?: string; method?: string; headers?: Record<string, string>; body?: string }) {
  return new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: options.path ?? '/', method: options.method ?? 'GET', headers: options.headers },
      (reply) => {
        let text = '';
        reply.on('data', (chunk: Buffer) => (text += chunk.toString()));
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text, headers: reply.headers }));
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}
const act = (port: number, body: unknown, headers: Record<string, string> = {}) =>
  ask(port, {
    path: '/api/act',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('the server of the page', () => {
  it('serves the built page, and nothing outside of its folder', async () => {
    const { server, folder } = await aServer();
    const page = await ask(server.port, {});
    expect(page).toMatchObject({ status: 200, text: '<p>the page</p>' });
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const statuses: number[] = [];
    const aways = [`/../${path.basename(folder)}.js`, '/%2e%2e/x.js', '/etc/passwd', '/nothing.js', '/%00.js', '/%zz'];
    for (const away of aways) statuses.push((await ask(server.port, { path: away })).status);
    expect(statuses).toEqual(aways.map(() => 404));
  });

  it('does what a person does, as that person', async () => {
    const { server, slack } = await aServer();
    const done = await act(server.port, { as: DANA, act: { do: 'type', channel: DEPLOYS, text: 'hello' } });
    expect(JSON.parse(done.text)).toMatchObject({ outcome: { kind: 'message' } });
    expect(slack.view(DANA, DEPLOYS).messages).toMatchObject([{ text: 'hello', userId: DANA }]);
  });

  it('answers in words what cannot be done, and changes nothing', async () => {
    const { server, slack } = await aServer();
    const problems: [unknown, number, RegExp][] = [
      [{ as: 'U0NOBODY01', act: { do: 'type', channel: DEPLOYS, text: 'x' } }, 200, /U0NOBODY01/],
      [{ as: DANA, act: { do: 'push', ref: 'x/y:z' } }, 200, /no registry here/],
      [{ as: DANA, act: { do: 'submit', fields: {} } }, 200, /no modal open/],
      [{ as: DANA, act: { do: 'explode' } }, 400, /not something the page can do/],
      [{ act: { do: 'open-home' } }, 400, /not something the page can do/],
      ['{', 400, /JSON/],
      [`"${'x'.repeat(300_000)}"`, 400, /too much/],
    ];
    for (const [body, status, words] of problems) {
      const answer = await act(server.port, body);
      expect(answer.status).toBe(status);
      expect((JSON.parse(answer.text) as { problem: string }).problem).toMatch(words);
    }
    expect(slack.view(DANA, DEPLOYS).messages).toEqual([]);
  });

  it('refuses pages of other sites: another host name, another origin, a form', async () => {
    const { server, slack } = await aServer();
    const body = { as: DANA, act: { do: 'type', channel: DEPLOYS, text: 'stolen' } };
    expect((await act(server.port, body, { host: 'evil.example' })).status).toBe(403);
    expect((await act(server.port, body, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await act(server.port, body, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await ask(server.port, { headers: { host: 'evil.example' } })).status).toBe(403);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live`, { origin: 'https://evil.example' });
    await expect(new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))).rejects.toThrow('socket hang up');
    expect(slack.view(DANA, DEPLOYS).messages).toEqual([]);
  });

  it('sends a message once when it is new and again when it changed, not the whole channel each time', async () => {
    const { server, slack } = await aServer();
    await slack.as(DANA).type(DEPLOYS, 'one');
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live`);
    closing.push(async () => socket.terminate());
    const channel: { order: string[]; texts: string[] }[] = [];
    socket.on('message', (data) => {
      const live = JSON.parse((data as Buffer).toString()) as Live;
      if (live.slice === 'channel') channel.push({ order: live.data.order, texts: live.data.changed.map(({ text }) => text) });
    });
    await new Promise((resolve) => socket.on('open', resolve));
    socket.send(JSON.stringify({ user: DANA, channel: DEPLOYS }));
    await until(() => channel.length === 1, { what: 'the channel as it is' });
    await slack.as(DANA).type(DEPLOYS, 'two');
    await until(() => channel.length === 2, { what: 'what is new' });
    expect(channel.map(({ texts }) => texts)).toEqual([['one'], ['two']]);
    expect(channel.map(({ order }) => order.length)).toEqual([1, 2]);
  });

  it('closes the socket of somebody who says what it does not understand', async () => {
    const { server } = await aServer();
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live`);
    await new Promise((resolve) => socket.on('open', resolve));
    socket.send('{"user":"U0NOBODY01"}');
    expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(1008);
  });
});
