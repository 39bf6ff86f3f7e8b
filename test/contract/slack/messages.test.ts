import { describe, expect, it } from 'vitest';
import { messageText } from '../../../src/playground/slack/render-text.ts';
import { actions, aClient, aSlack, button, DEPLOYS, DEV, newest, refusal, section, SRE, SRE_GROUP, WITHOUT_BOT } from './support.ts';

describe('posting', () => {
  it('shows the message, its thread and what is broadcast, in order', async () => {
    const slack = await aSlack();
    const { chat } = aClient(slack);
    const card = await chat.postMessage({
      channel: DEPLOYS,
      text: 'card',
      unfurl_links: false,
      metadata: { event_type: 'r', event_payload: { id: 'r1' } },
    });
    const thread_ts = card.ts ?? '';
    await chat.postMessage({ channel: DEPLOYS, text: 'started', thread_ts });
    await chat.postMessage({ channel: DEPLOYS, text: 'failed', thread_ts, reply_broadcast: true });
    const { messages } = slack.view(DEV, DEPLOYS);
    expect(messages.map((message) => message.text)).toEqual(['card', 'failed']);
    expect(messages[0]?.replies.map((reply) => reply.text)).toEqual(['started', 'failed']);
    expect(messages[0]).toMatchObject({ unfurl: { links: false, media: true }, metadata: { event_payload: { id: 'r1' } }, isBot: true });
    expect(messages[1]?.broadcast).toBe(true);
  });

  it.each([
    ['a channel that is not there', { channel: 'C0NOWHERE1' }, 'channel_not_found'],
    ['a name instead of an id', { channel: '#deploys' }, 'channel_not_found'],
    ['a public channel without the bot', { channel: WITHOUT_BOT }, 'not_in_channel'],
    ['a private channel without the bot', { channel: 'G0SECRET01' }, 'channel_not_found'],
    ['an archived channel', { channel: 'C0ARCHIVE1' }, 'is_archived'],
    ['no text', { channel: DEPLOYS, text: '' }, 'no_text'],
    ['blocks without text', { channel: DEPLOYS, text: '', blocks: [section('x')] }, 'no_text'],
    ['a thread that is not there', { channel: DEPLOYS, thread_ts: '1.000001' }, 'thread_not_found'],
    ['another name', { channel: DEPLOYS, username: 'boss' }, 'missing_scope'],
    ['metadata of the wrong shape', { channel: DEPLOYS, metadata: { event_type: 'x' } }, 'invalid_metadata_schema'],
    [
      'too much metadata',
      { channel: DEPLOYS, metadata: { event_type: 'x', event_payload: { a: 'x'.repeat(8_000) } } },
      'metadata_too_large',
    ],
    ['attachments', { channel: DEPLOYS, attachments: [{ text: 'x' }] }, 'invalid_arguments'],
    ['markdown beside text', { channel: DEPLOYS, markdown_text: '*x*' }, 'markdown_text_conflict'],
  ])('to or with %s is refused', async (_what, args, error) => {
    const slack = await aSlack();
    slack.workspace.addChannel({ id: 'G0SECRET01', name: 'secret', kind: 'private', members: [DEV], bot: false });
    slack.workspace.addChannel({ id: 'C0ARCHIVE1', name: 'old', archived: true });
    const mark = slack.view(DEV, DEPLOYS).messages.length;
    expect((await refusal(aClient(slack).apiCall('chat.postMessage', { text: 'x', ...args }))).error).toBe(error);
    expect(slack.view(DEV, DEPLOYS).messages).toHaveLength(mark);
  });

  it('by user id lands in the direct conversation, which the other sees', async () => {
    const slack = await aSlack();
    const { channel = '' } = await aClient(slack).chat.postMessage({ channel: DEV, text: 'psst' });
    expect(channel).toMatch(/^D/);
    expect(slack.view(DEV, channel).messages.map((message) => message.text)).toEqual(['psst']);
    expect(() => slack.view(SRE, channel)).toThrow('cannot open');
  });

  it('delivers every mention that was not escaped, and none that was', async () => {
    const slack = await aSlack();
    const { chat } = aClient(slack);
    await chat.postMessage({
      channel: DEPLOYS,
      text: `plan for &lt;!channel&gt;`,
      blocks: [section(`<@${SRE}> <!subteam^${SRE_GROUP}> <!here>`), { type: 'header', text: { type: 'plain_text', text: '<!everyone>' } }],
    });
    expect(newest(slack, DEV)?.mentions.map(({ kind, id }) => `${kind} ${id}`)).toEqual([`user ${SRE}`, `group ${SRE_GROUP}`, 'here here']);
    await chat.postMessage({
      channel: DEPLOYS,
      text: 'x',
      blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: '<!channel>' }] }] }],
    });
    expect(newest(slack, DEV)?.mentions).toEqual([]);
  });
});

describe('updating', () => {
  const card = async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    const { ts = '' } = await client.chat.postMessage({
      channel: DEPLOYS,
      text: 'one',
      blocks: [section('one'), actions(button('go', 'Go'))],
      metadata: { event_type: 'r', event_payload: { id: 'r1' } },
    });
    return { slack, client, ts };
  };

  it('keeps metadata, replaces blocks without an edited mark, and takes blocks away when only text is sent', async () => {
    const { slack, client, ts } = await card();
    await client.chat.update({ channel: DEPLOYS, ts, text: 'two', blocks: [section('two')] });
    expect(newest(slack, DEV)).toMatchObject({
      text: 'two',
      blocks: [{ type: 'section' }],
      revision: 1,
      metadata: { event_payload: { id: 'r1' } },
    });
    expect(newest(slack, DEV)).not.toHaveProperty('edited');
    await client.chat.update({ channel: DEPLOYS, ts, text: 'three' });
    expect(newest(slack, DEV)).toMatchObject({ text: 'three', blocks: [], edited: { userId: slack.botUserId }, revision: 2 });
  });

  it('refuses long text, other people’s messages, ephemeral ones, deleted ones and archived channels', async () => {
    const { slack, client, ts } = await card();
    const update = (to: string, text = 'x') => refusal(client.chat.update({ channel: DEPLOYS, ts: to, text }));
    const theirs = await slack.as(DEV).type(DEPLOYS, 'mine');
    const { message_ts: ephemeral = '' } = await client.chat.postEphemeral({ channel: DEPLOYS, user: DEV, text: 'psst' });
    expect((await update(ts, 'x'.repeat(4_001))).error).toBe('msg_too_long');
    expect((await update(theirs.ts ?? '')).error).toBe('cant_update_message');
    expect((await update(ephemeral)).error).toBe('message_not_found');
    slack.workspace.archive(DEPLOYS);
    expect((await update(ts)).error).toBe('is_inactive');
    slack.workspace.unarchive(DEPLOYS);
    await client.chat.delete({ channel: DEPLOYS, ts });
    expect((await update(ts)).error).toBe('message_not_found');
  });

  it('does not let rich text be replaced by something else', async () => {
    const { client } = await card();
    const { ts = '' } = await client.chat.postMessage({
      channel: DEPLOYS,
      text: 'x',
      blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x' }] }] }],
    });
    expect((await refusal(client.chat.update({ channel: DEPLOYS, ts, text: 'y', blocks: [section('y')] }))).error).toBe('block_mismatch');
  });

  it('may broadcast a reply later', async () => {
    const { slack, client, ts } = await card();
    const reply = await client.chat.postMessage({ channel: DEPLOYS, text: 'failed', thread_ts: ts });
    await client.apiCall('chat.update', { channel: DEPLOYS, ts: reply.ts, reply_broadcast: true });
    expect(newest(slack, DEV)).toMatchObject({ text: 'failed', broadcast: true });
  });
});

describe('an ephemeral message', () => {
  it('is seen by one person, who has to be a member', async () => {
    const slack = await aSlack();
    const { chat } = aClient(slack);
    await chat.postEphemeral({ channel: DEPLOYS, user: DEV, text: 'only you' });
    expect(newest(slack, DEV)?.text).toBe('only you');
    expect(newest(slack, SRE)).toBeUndefined();
    slack.workspace.leave(DEPLOYS, DEV);
    expect((await refusal(chat.postEphemeral({ channel: DEPLOYS, user: DEV, text: 'x' }))).error).toBe('user_not_in_channel');
  });

  it('in a thread is shown only if the thread is there already', async () => {
    const slack = await aSlack();
    const { chat } = aClient(slack);
    const { ts: thread_ts = '' } = await slack.as(DEV).type(DEPLOYS, '@repull help');
    const whisper = (text: string) => chat.postEphemeral({ channel: DEPLOYS, user: DEV, text, thread_ts });
    expect((await whisper('lost')).ok).toBe(true);
    await chat.postMessage({ channel: DEPLOYS, text: 'a reply', thread_ts });
    await whisper('seen');
    expect(newest(slack, DEV)?.replies.map((reply) => reply.text)).toEqual(['a reply', 'seen']);
    expect(newest(slack, SRE)?.replies.map((reply) => reply.text)).toEqual(['a reply']);
  });
});

describe('deleting', () => {
  it('leaves the thread of a deleted message standing', async () => {
    const slack = await aSlack();
    const { chat } = aClient(slack);
    const { ts = '' } = await chat.postMessage({ channel: DEPLOYS, text: 'card' });
    await chat.postMessage({ channel: DEPLOYS, text: 'reply', thread_ts: ts });
    await chat.delete({ channel: DEPLOYS, ts });
    expect(newest(slack, DEV)).toMatchObject({ text: 'This message was deleted.', replies: [{ text: 'reply' }] });
    const theirs = await slack.as(DEV).type(DEPLOYS, 'mine');
    expect((await refusal(chat.delete({ channel: DEPLOYS, ts: theirs.ts ?? '' }))).error).toBe('cant_delete_message');
  });
});

describe('reading back', () => {
  it('needs the history scope, and tells metadata only to who asks', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    const { ts = '' } = await client.chat.postMessage({
      channel: DEPLOYS,
      text: 'card',
      metadata: { event_type: 'r', event_payload: { id: 'r1' } },
    });
    await client.chat.postMessage({
      channel: DEPLOYS,
      text: 'reply',
      thread_ts: ts,
      metadata: { event_type: 'r', event_payload: { seq: 1 } },
    });
    await client.chat.postEphemeral({ channel: DEPLOYS, user: DEV, text: 'psst' });
    expect(await refusal(client.conversations.history({ channel: DEPLOYS }))).toMatchObject({
      error: 'missing_scope',
      needed: expect.stringContaining('channels:history'),
    });
    slack.workspace.setScopes([...slack.workspace.scopes(), 'channels:history']);
    const history = await client.conversations.history({ channel: DEPLOYS, include_all_metadata: true });
    expect(history.messages).toMatchObject([{ text: 'card', reply_count: 1, metadata: { event_payload: { id: 'r1' } } }]);
    expect((await client.conversations.history({ channel: DEPLOYS })).messages?.[0]).not.toHaveProperty('metadata');
    const replies = await client.conversations.replies({ channel: DEPLOYS, ts, include_all_metadata: true });
    expect(replies.messages).toMatchObject([{ text: 'card' }, { text: 'reply', metadata: { event_payload: { seq: 1 } } }]);
    const since = await client.conversations.history({ channel: DEPLOYS, oldest: ts });
    expect(since.messages).toEqual([]);
  });

  it('comes in pages', async () => {
    const slack = await aSlack({ rateLimits: 'off' });
    const client = aClient(slack);
    slack.workspace.setScopes([...slack.workspace.scopes(), 'channels:history']);
    for (let n = 1; n <= 5; n += 1) await client.chat.postMessage({ channel: DEPLOYS, text: String(n) });
    const texts: string[] = [];
    for await (const page of client.paginate('conversations.history', { channel: DEPLOYS, limit: 2 })) {
      texts.push(...(page as unknown as { messages: { text: string }[] }).messages.map((message) => message.text));
    }
    expect(texts).toEqual(['5', '4', '3', '2', '1']);
  });

  it('links to a message', async () => {
    const slack = await aSlack();
    const { chat } = aClient(slack);
    const { ts = '' } = await chat.postMessage({ channel: DEPLOYS, text: 'card' });
    expect((await chat.getPermalink({ channel: DEPLOYS, message_ts: ts })).permalink).toBe(
      `https://local-slack.slack.com/archives/${DEPLOYS}/p${ts.replace('.', '')}`,
    );
    expect((await refusal(chat.getPermalink({ channel: DEPLOYS, message_ts: '1.000001' }))).error).toBe('message_not_found');
  });
});

describe('a message as text', () => {
  it('reads like what is seen', () => {
    expect(
      messageText({
        text: 'fallback',
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: 'Repull <b>' } },
          {
            type: 'section',
            text: { type: 'mrkdwn', text: '*a* &lt; <https://x.test|here> <@U1> <!date^1^{time}|noon>' },
            fields: [{ type: 'mrkdwn', text: 'one\ntwo' }],
          },
          {
            type: 'context',
            elements: [
              { type: 'mrkdwn', text: 'x' },
              { type: 'plain_text', text: 'y' },
            ],
          },
          { type: 'divider' },
          actions(button('a', 'Approve'), button('b', 'Reject')),
          { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'log' }] }] },
          {
            type: 'table',
            rows: [
              [
                { type: 'raw_text', text: 'pod' },
                { type: 'raw_text', text: 'ready' },
              ],
            ],
          },
        ],
      }),
    ).toBe('# Repull <b>\n*a* < here (https://x.test) @U1 noon\n| one two\n· x · y\n---\n[Approve] [Reject]\n```\nlog\n```\npod | ready');
    expect(messageText({ text: 'a &amp; b', blocks: [] })).toBe('a & b');
  });
});
