import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageText } from '../../src/playground/slack/render-text.ts';
import type { MessageView } from '../../src/playground/slack/types.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, GUEST, RANDOM, SRE, SRE2 } from '../support/line.ts';

/** The form, the shortcut and the App Home, each from a person's first move to what they see at the end. */
describe('ways in, by forms', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      bots: 2,
      policyOf: (policy) => {
        const [, namespaces = ''] = /(namespaces: \[[^\]]*\])/.exec(policy) ?? [];
        return policy
          .replace('\napps:', `\n  locked:\n    cluster: test\n    ${namespaces}\n    methods: [restart]\napps:`)
          .replace(
            'verbs: [view, request, cancel], environments: ["*"], apps: ["*"]',
            'verbs: [view, request, cancel], environments: [staging, prod, locked], apps: [my-app, cached]',
          );
      },
    });
    await stage.deploy('my-app', { replicas: 1 });
    await stage.deploy('cached', { replicas: 1 });
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  const person = (user: string) => stage.line.slack.as(user);
  const opened = (user: string, title = 'Repull') =>
    stage.line.slack.waitFor(() => (person(user).modal()?.title === title ? person(user).modal() : undefined), {
      what: `${title} for ${user}`,
    });
  const held = (user: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.values(person(user).modal()?.state ?? {}).flatMap((fields) =>
        Object.entries(fields).map(([field, value]) => [field, (value['selected_option'] as { value?: string } | null)?.value]),
      ),
    );
  const offered = async (user: string, field: string) => (await person(user).suggest(undefined, field, '')).map((option) => option.value);
  const choose = async (user: string, field: string, value: string) => {
    const before = person(user).modal()?.hash;
    await offered(user, field);
    await person(user).clickModal(field, { value });
    await stage.line.slack.waitFor(() => person(user).modal()?.hash !== before, { what: `the form follows ${field}` });
  };
  const told = (user: string, pattern: RegExp, thread?: string): Promise<MessageView> =>
    stage.line.slack.waitFor(
      () =>
        stage.line.slack
          .view(user, DEPLOYS)
          .messages.flatMap((message) => [message, ...message.replies])
          .find((each) => each.ephemeral && each.threadTs === thread && pattern.test(messageText(each))),
      { what: `${user} is told ${pattern}` },
    );
  const post = async (body: object): Promise<string> => {
    const { slack } = stage.line;
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ channel: DEPLOYS, ...body }),
    });
    return ((await response.json()) as { ts: string }).ts;
  };
  const shortcut = async (user: string, ts: string) => {
    await person(user).shortcut({ channelId: DEPLOYS, ts }, 'repull_from_here');
    return opened(user);
  };

  it('the bare command offers what this person may do here, and carries out what was chosen', async () => {
    await person(DEV).type(DEPLOYS, '/repull');
    await opened(DEV);
    expect(await offered(DEV, 'app')).toEqual(['cached', 'my-app', 'myapp']);
    expect(await offered(DEV, 'environment')).toEqual(['locked', 'prod', 'staging']);
    await choose(DEV, 'environment', 'locked');
    expect(await offered(DEV, 'method')).toEqual(['restart']);
    await choose(DEV, 'environment', 'staging');
    await choose(DEV, 'app', 'cached');
    await stage.push('cached');
    person(DEV).fill('reason', 'by the form');
    await person(DEV).submit();
    expect(messageText(await stage.untilCard('cached', /Succeeded/))).toContain('by the form');
    // In another channel, and for a guest, there is nothing to choose.
    await person(DEV).type(RANDOM, '/repull');
    await opened(DEV);
    expect([await offered(DEV, 'app'), await offered(DEV, 'environment')]).toEqual([[], []]);
    await person(DEV).closeModal();
    await person(GUEST).type(DEPLOYS, '/repull');
    await opened(GUEST);
    expect(await offered(GUEST, 'app')).toEqual([]);
  });

  it('a shortcut on a card of ours asks for the same again, and answers in its thread', async () => {
    const [card] = stage.cards('cached');
    const modal = await shortcut(DEV, card?.ts ?? '');
    expect(held(DEV)).toMatchObject({ app: 'cached', environment: 'staging', method: 'auto' });
    expect(modal.privateMetadata).toBe(`${DEPLOYS} ${card?.ts} cached staging`);
    await person(DEV).submit();
    await told(DEV, /nothing new/i, card?.ts);
  });

  it('a shortcut on what a CI wrote fills in what it says; the answer is where it can be seen', async () => {
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: 'Build 1234 passed' } },
      { type: 'section', text: { type: 'mrkdwn', text: 'pushed `registry.example/shop/my-app:v2`, now *staging*' } },
    ];
    const ts = await post({ text: 'Build 1234 passed', blocks });
    const modal = await shortcut(DEV, ts);
    expect(held(DEV)).toMatchObject({ app: 'my-app', environment: 'staging' });
    // That message has no thread: what is said to one person there would be shown nowhere.
    expect(modal.privateMetadata).toBe(`${DEPLOYS} - my-app staging`);
    await person(DEV).submit();
    await told(DEV, /nothing new[\s\S]*|Refused[\s\S]*my-app/i);
  });

  it.each([
    ['deployed my-app:v2 to prod', { app: 'my-app', environment: 'prod' }],
    ['deployed crashy:v2 to prod', { app: undefined, environment: 'prod' }],
    ['my-app and cached are both old', { app: undefined, environment: undefined }],
  ])('a shortcut on "%s" names only what this person may ask for, and never guesses', async (text, filled) => {
    const { ts = '' } = await person(SRE).type(DEPLOYS, text);
    await shortcut(DEV, ts);
    expect(held(DEV)).toMatchObject(filled);
    await person(DEV).closeModal();
  });

  it('a shortcut where nothing may be asked for says so, and where it may be', async () => {
    const { ts = '' } = await person(DEV).type(RANDOM, 'my-app in prod is old');
    await person(DEV).shortcut({ channelId: RANDOM, ts }, 'repull_from_here');
    const modal = await opened(DEV, 'Details');
    expect(JSON.stringify(modal.blocks)).toMatch(new RegExp(`nothing that you may ask for here.*${DEPLOYS}`));
    expect(JSON.stringify(modal.blocks)).not.toContain('my-app');
    await person(DEV).closeModal();
  });

  it('an app that may not be seen and one that does not exist get the same answer, whatever is asked about it', async () => {
    await stage.say(SRE, '/repull crashy staging');
    await stage.line.waitFor(SRE, /crashy/);
    await stage.say(SRE, '/repull crashy prod');
    const words = [
      'APP staging',
      'check APP staging',
      'rollback APP staging',
      'can-i APP staging',
      'status APP',
      'history APP',
      'history APP staging',
    ];
    for (const line of words) {
      const said: string[] = [];
      for (const app of ['crashy', 'no-such']) {
        const mine = () => stage.line.slack.view(DEV, DEPLOYS).messages.filter((each) => each.ephemeral);
        const known = new Set(mine().map((each) => each.ts));
        await stage.say(DEV, `/repull ${line.replace('APP', app)}`);
        const fresh = () => mine().find((each) => !known.has(each.ts) && !each.text.startsWith('Planning'));
        const message = await stage.line.slack.waitFor(fresh, { seconds: 30, what: `an answer to ${line} for ${app}` });
        said.push(
          messageText(message)
            .replaceAll(app, 'APP')
            .replaceAll(/[0-9A-Z]{6}-[0-9A-Z]{4}/g, 'ID'),
        );
      }
      expect({ line, said: said[0] }).toEqual({ line, said: said[1] });
    }
  });

  it('the App Home: approved and rejected where it is shown, drawn anew at once, and a late click is answered there', async () => {
    const { slack } = stage.line;
    const home = (user: string): string => JSON.stringify(person(user).home()?.blocks ?? []);
    const shows = (user: string, pattern: RegExp) =>
      slack.waitFor(() => pattern.test(home(user)), { what: `${user}'s home shows ${pattern}` });
    await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod --reason "from the home"');
    await stage.untilCard('my-app', /Waiting for approval/);
    for (const user of [SRE, SRE2]) {
      await person(user).openHome();
      await shows(user, /Waiting for my approval \(1\)/);
    }
    await person(DEV).openHome();
    await shows(DEV, /Waiting for my approval \(0\)/);
    expect(home(DEV)).toMatch(/request.*my-app, cached in staging, prod, locked \(bindings\[0\]/);
    const dialog = slack.as(SRE);
    await dialog.clickHome('approve');
    await shows(SRE, /Waiting for my approval \(0\)/);
    await stage.untilCard('my-app', /Succeeded/);
    // The other one still shows the button.
    await person(SRE2).clickHome('approve');
    await shows(SRE2, /That did nothing: .*is not waiting for approval any more/);
    expect(home(SRE2)).toMatch(/Waiting for my approval \(0\)/);
    expect(home(SRE2)).toMatch(/Recent.*Succeeded/);

    await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    await slack.waitFor(() => stage.cards('my-app').some((card) => /Waiting for approval/.test(card.text)), { what: 'the second card' });
    await person(SRE).openHome();
    await shows(SRE, /Waiting for my approval \(1\)/);
    await person(SRE).clickHome('reject');
    await opened(SRE, 'Reject');
    person(SRE).fill('reason', 'not from here');
    await person(SRE).submit();
    await shows(SRE, /Waiting for my approval \(0\)/);
    await stage.untilCard('my-app', /Rejected[\s\S]*not from here/);
  });
});
