import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORMS, VERBS } from '../../src/command/grammar.ts';
import { usageLine } from '../../src/command/usage.ts';
import { messageText } from '../../src/playground/slack/render-text.ts';
import type { MessageView } from '../../src/playground/slack/types.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, DEV2, RANDOM, SRE } from '../support/line.ts';

/** What somebody types, in whatever way in, and what they then see. */
describe('ways in, by typing', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      bots: 2,
      policyOf: (policy) => `${policy}\nincidents: { bind: [sre], votes: 0, reason: required, announce: ${RANDOM} }\n`,
    });
    await stage.deploy('my-app', { replicas: 1 });
    await stage.push('my-app');
    await stage.say(DEV, '/repull my-app staging --reason "the first"');
    await stage.untilCard('my-app', /Succeeded/);
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  const answers = (user: string): MessageView[] =>
    stage.line.slack
      .view(user, DEPLOYS)
      .messages.flatMap((message) => [message, ...message.replies])
      .filter((message) => message.ephemeral && message.isBot);
  /** The whole text of the one answer that this brought, from blocks and text. */
  const answer = async (user: string, text: string, threadTs?: string): Promise<{ text: string; message: MessageView }> => {
    const before = new Set(answers(user).map((message) => message.ts));
    await stage.line.slack.as(user).type(DEPLOYS, text, threadTs === undefined ? {} : { threadTs });
    const fresh = () => answers(user).find((each) => !before.has(each.ts) && !each.text.startsWith('Planning'));
    const message = await stage.line.slack.waitFor(fresh, { seconds: 30, what: `an answer to ${text}` });
    return { text: `${messageText(message)}\n${message.text}`, message };
  };
  const plain = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  const idOf = async (): Promise<string> => (await stage.history('my-app'))[0]?.id ?? '';

  it('every verb has its answer, for the person alone', async () => {
    const id = await idOf();
    const asked: [string, string, RegExp][] = [
      [DEV, 'check my-app staging', /Check[\s\S]*my-app/],
      [DEV, 'my-app staging', /nothing new/i],
      [DEV, 'my-app staging --force --dry-run', /Nothing was changed/],
      [DEV, 'status', /Nothing is running/],
      [DEV, 'status my-app staging', /Nothing is running/],
      [DEV, 'history my-app', /Succeeded[\s\S]*the first/],
      [DEV, `show ${id}`, new RegExp(`${id}[\\s\\S]*the first`)],
      [DEV, `cancel ${id}`, /over|already|succeeded/i],
      [DEV, 'rollback my-app prod', /Denied/],
      [SRE, 'rollback crashy staging', /nothing|no request/i],
      [DEV, 'freeze staging "x"', /Denied|may not|not permitted/i],
      [SRE, 'freeze staging "stop it" --for 2h', /frozen/],
      [DEV, 'my-app staging --force', /frozen[\s\S]*stop it/i],
      [SRE, 'unfreeze staging', /staging/],
      [DEV, 'incident on', /Denied|may not|not permitted/i],
      [SRE, 'incident on --for 1h', /incident channel/],
      [DEV, 'my-app staging --force', /needs a reason/],
      [SRE, 'incident off', /no (longer|incident)/i],
      [DEV, 'can-i my-app prod', /request my-app in prod[\s\S]*bindings\[0\]/],
      [DEV, 'can-i my-app prod rollback', /rollback my-app in prod[\s\S]*sre/],
      [DEV, 'apps', /my-app[\s\S]*myapp[\s\S]*prod, staging/],
      [DEV, 'envs', /prod[\s\S]*1 vote[\s\S]*staging/],
      [DEV, 'help', /what happened, newest first/],
    ];
    expect(VERBS.filter((verb) => verb !== 'repull' && !asked.some(([, line]) => line.split(' ')[0] === verb))).toEqual([]);
    for (const [user, line, pattern] of asked) {
      const got = await answer(user, `/repull ${line}`);
      expect({ line, text: plain(got.text) }).toEqual({ line, text: expect.stringMatching(pattern) });
    }
  });

  it('every command explains itself, with its flags', async () => {
    for (const verb of VERBS) {
      const { text } = await answer(DEV, `/repull help ${verb}`);
      expect(plain(text)).toContain(usageLine(verb));
      expect(plain(text)).toContain(FORMS[verb].about);
    }
  });

  it.each([
    ['statsu', 'status'],
    ['my-app staging --dryrun', 'my-app staging --dry-run'],
    ['my-app staging --via restat --dry-run', 'my-app staging --via restart --dry-run'],
    ['check my-ap staging', 'check my-app staging'],
    ['check my-app stagin', 'check my-app staging'],
    ['MY-APP Staging --dry-run --force', 'my-app staging --dry-run --force'],
    ['my-app staging --workload deploymnt/my-app --dry-run', 'my-app staging --workload deployment/my-app --dry-run'],
    ['can-i my-app prod aprove', 'can-i my-app prod approve'],
    ['my-app staging --dry-run because it is new', 'my-app staging --dry-run --reason "because it is new"'],
    ['history —result faild', 'history --result failed'],
  ])('%s gets a line to copy, which works: %s', async (typed, corrected) => {
    const { text } = await answer(DEV, `/repull ${typed}`);
    expect(plain(text)).toContain(`\`/repull ${corrected}\``);
    expect((await answer(DEV, `/repull ${corrected}`)).text).not.toContain('Try:');
  });

  it.each([
    ['my-app staging --tag .v2', /cannot be a tag/],
    ['my-app staging --image HTTP://X', /cannot be an image reference/],
    ['my-app staging --at tomorrow', /--at takes window or a time/],
    ['my-app staging --pod A_B', /cannot be the name of a pod/],
    ['freeze staging "x" --for ever', /--for takes a duration/],
    ['history --user dana', /is no mention/],
    ['show ../x', /cannot be the id/],
    ['show 0AAAAA-0000', /There is no request 0AAAAA-0000 that you may see here/],
    ['cancel 0AAAAA-0000', /There is no request 0AAAAA-0000 that you may see here/],
    [`my-app staging --reason "${'ä'.repeat(501)}"`, /501 characters/],
    [`my-app staging --reason "${'x'.repeat(2_970)}"`, /2970 characters/],
    ['x'.repeat(3_000), /Which environment/],
  ])('%s is answered for what is wrong with it', async (typed, pattern) => {
    expect(plain((await answer(DEV, `/repull ${typed}`)).text)).toMatch(pattern);
  });

  it.each([
    ['\u00a0my\u2011app\u00a0staging\u00a0—dry-run \u2066—force\u2069', 'Dry run'],
    ['`my-app` staging --dry-run --force --reason “can’t wait — go 🚀”', 'Dry run'],
    ['\u202emy-app\u202c staging\u200b --dry-run --force', 'Dry run'],
    ['my-app staging --image registry.example.com/shop/my-app:v2 --dry-run', 'registry.example.com/shop/my-app:v2'],
    [`history --user <@${DEV}>`, 'the first'],
    ['history my-app --user @dana', 'the first'],
    ['my-app #random', 'cannot be the name of an environment'],
    ['my-app staging :rocket:', ':rocket:'],
    ['A&B <staging>', 'A&B'],
  ])('%s is understood as it was meant', async (typed, seen) => {
    expect(plain((await answer(DEV, `/repull ${typed}`)).text)).toContain(seen);
  });

  it('a mention in a thread is the same command, answered in that thread to whoever asked, and to nobody else', async () => {
    const { slack } = stage.line;
    const { ts: thread = '' } = await slack.as(DEV2).type(DEPLOYS, 'is staging old?');
    for (const [line, pattern] of [
      ['status my-app', /Nothing is running/],
      ['check my-app staging', /Check/],
      ['chek my-app staging', /`@repull check my-app staging`/],
      ['my-app prod nonsense', /what to do with "nonsense"/],
      ['', /what happened, newest first/],
    ] as const) {
      const got = await answer(DEV, `@repull ${line}`, thread);
      expect({ line, thread: got.message.threadTs, text: plain(got.text) }).toEqual({
        line,
        thread,
        text: expect.stringMatching(pattern),
      });
    }
    const others = slack.view(DEV2, DEPLOYS).messages.find((message) => message.ts === thread)?.replies ?? [];
    expect(others.filter((reply) => reply.isBot)).toEqual([]);
    // Outside a thread it is answered beside the conversation, because nobody would look into a thread that has no reply.
    expect((await answer(DEV, '@repull status my-app')).message.threadTs).toBeUndefined();
    const before = answers(DEV).length;
    await slack.as(DEV).type(DEPLOYS, 'thanks @repull, that was quick');
    await answer(DEV, '/repull envs');
    expect(answers(DEV)).toHaveLength(before + 1);
  });

  it('a bot that mentions us is answered once in its thread, whichever process hears it', async () => {
    const { slack } = stage.line;
    slack.workspace.addUser({ id: 'U0ROBOT001', name: 'robot', kind: 'bot' });
    slack.workspace.join(DEPLOYS, 'U0ROBOT001');
    const robot = slack.as('U0ROBOT001');
    const mark = slack.deliveries.mark();
    const { ts: thread = '' } = await robot.type(DEPLOYS, '@repull my-app prod');
    const replies = () =>
      slack
        .view(DEV, DEPLOYS)
        .messages.find((message) => message.ts === thread)
        ?.replies.filter((reply) => reply.userId === slack.botUserId) ?? [];
    await slack.waitFor(() => replies().length === 1, { what: 'the answer' });
    for (let n = 0; n < 5; n += 1) await robot.type(DEPLOYS, '@repull my-app prod --force', { threadTs: thread });
    await answer(DEV, '/repull envs');
    expect(new Set(slack.deliveries.since(mark).map((each) => each.connection)).size).toBe(2);
    expect(replies().map((reply) => reply.text)).toEqual(['repull takes requests from people only; nothing was changed.']);
    expect((await stage.history('my-app')).every(({ requester }) => requester !== 'U0ROBOT001')).toBe(true);
  });
});
