import { describe, expect, it } from 'vitest';
import type { Clients } from '../../../src/slack/clients.ts';
import { findByMetadata } from '../../../src/slack/find.ts';

const BOT = 'U0BOT';
const message = (over: { user?: string; request?: string; key?: string; ts?: string; event?: string } = {}) => ({
  ts: over.ts ?? '2.000001',
  user: over.user ?? BOT,
  metadata: { event_type: over.event ?? 'repull', event_payload: { request: over.request ?? 'R1', key: over.key ?? 'card' } },
});

/** Slack's answer, page by page. */
function look(pages: object[][], key = 'card') {
  let asked = 0;
  const history = async () => {
    const messages = pages[asked];
    asked += 1;
    return { ok: true, messages, response_metadata: { next_cursor: asked < pages.length ? `page-${asked}` : '' } };
  };
  const clients = { progress: { conversations: { history, replies: history } } } as unknown as Clients;
  return findByMetadata({ clients, scopes: ['channels:history'], botUserId: BOT }, { channel: 'C1' }, 'R1', key);
}

describe('looking for a message of ours', () => {
  it('finds it on a later page, between messages without metadata', async () => {
    expect(await look([[{ ts: '9.1', text: 'hello' }, message({ key: '1' })], [message()]])).toEqual({ ts: '2.000001' });
  });

  it.each([
    ['of somebody else who copied the metadata', message({ user: 'U0OTHER' })],
    ['of another request', message({ request: 'R2' })],
    ['with another key', message({ key: '3' })],
    ['of another kind', message({ event: 'deploy' })],
  ])('does not take one %s', async (_, other) => {
    expect(await look([[other]])).toBe('absent');
  });

  it('takes a card in place of a deleted one only if it is newer', async () => {
    expect(await look([[message({ ts: '2.000001' })]], 'card-after-2.000001')).toBe('absent');
    expect(await look([[message({ ts: '3.000001' }), message({ ts: '2.000001' })]], 'card-after-2.000001')).toEqual({ ts: '3.000001' });
  });

  it('does not say "absent" of a history that it has not read to its end', async () => {
    expect(await look(Array.from({ length: 9 }, () => [message({ key: '7' })]))).toBe('cannot-look');
  });
});
