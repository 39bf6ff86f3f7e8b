import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/playground/slack/clock.ts';
import { aClient, aSlack, connected, DEPLOYS, DEV, plain, refusal, section, SRE } from './support.ts';

const input = (id: string, label: string, element: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  type: 'input',
  block_id: id,
  label: plain(label),
  element: { action_id: `${id}-in`, ...element },
  ...rest,
});
const form = (...blocks: unknown[]) =>
  ({ type: 'modal', callback_id: 'ask', private_metadata: 'r1', title: plain('Repull'), submit: plain('Go'), blocks }) as never;
const reason = input('reason', 'Reason', { type: 'plain_text_input', max_length: 20 });
const app = input('app', 'App', { type: 'external_select', min_query_length: 2 }, { optional: true });

/** `/repull` opens the form; the submission is answered as given. */
const opening =
  (answer: (values: Record<string, unknown>) => Record<string, unknown> | undefined = () => undefined) =>
  (bolt: App): void => {
    bolt.command('/repull', async ({ ack, command, client }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: form(reason, app) });
    });
    bolt.view('ask', async ({ ack, view }) => {
      await ack(answer(view.state.values) as never);
    });
    bolt.options('app-in', async ({ ack, options }) => {
      const all = ['my-app', 'my-api', 'shop'].filter((name) => name.includes(options.value));
      await ack({ options: all.map((name) => ({ text: plain(name), value: name })) });
    });
  };

async function opened(answer?: Parameters<typeof opening>[0]) {
  const slack = await aSlack();
  await connected(slack, opening(answer));
  await slack.as(DEV).type(DEPLOYS, '/repull');
  await slack.waitFor(() => slack.as(DEV).modal());
  return { slack, person: slack.as(DEV) };
}

describe('a modal', () => {
  it('is filled in, offers what the app suggests, and sends its state', async () => {
    const seen: Record<string, unknown>[] = [];
    const { slack, person } = await opened((values) => {
      seen.push(values);
      return undefined;
    });
    expect(person.modal()).toMatchObject({ title: 'Repull', submit: 'Go', privateMetadata: 'r1', callbackId: 'ask', depth: 1 });
    person.fill('Reason', 'bad build');
    expect(await person.suggest(undefined, 'app-in', 'm')).toEqual([]);
    expect(slack.deliveries.all().filter(({ payload }) => payload['type'] === 'block_suggestion')).toEqual([]);
    expect((await person.suggest(undefined, 'app-in', 'my-')).map((option) => option.value)).toEqual(['my-app', 'my-api']);
    expect(() => person.fill('app', 'shop')).toThrow('not offered');
    person.fill('app', 'my-app');
    expect(await person.submit()).toMatchObject({ acked: true });
    expect(person.modal()).toBeUndefined();
    expect(seen[0]).toMatchObject({
      reason: { 'reason-in': { type: 'plain_text_input', value: 'bad build' } },
      app: { 'app-in': { selected_option: { value: 'my-app' } } },
    });
  });

  it('is not sent while a required field is empty or too long', async () => {
    const { slack, person } = await opened();
    const mark = slack.deliveries.mark();
    expect((await person.submit()).fieldErrors).toEqual({ reason: 'Please complete this required field.' });
    person.fill('reason', 'x'.repeat(21));
    expect((await person.submit()).fieldErrors).toEqual({ reason: 'Please enter no more than 20 characters.' });
    expect(slack.deliveries.since(mark)).toEqual([]);
    expect(() => person.fill('colour', 'red')).toThrow('has no field "colour"');
  });

  it('shows the errors of the acknowledgement and stays open', async () => {
    const { person } = await opened(() => ({ response_action: 'errors', errors: { reason: 'say more' } }));
    person.fill('reason', 'no');
    expect((await person.submit()).fieldErrors).toEqual({ reason: 'say more' });
    expect(person.modal()?.fieldErrors).toEqual({ reason: 'say more' });
    person.fill('reason', 'because');
    expect(person.modal()?.fieldErrors).toEqual({});
  });

  it('refuses errors for a field that is not there, as Slack does: the form shows trouble', async () => {
    const { person } = await opened(() => ({ response_action: 'errors', errors: { nowhere: 'x' } }));
    person.fill('reason', 'no');
    expect((await person.submit()).error).toContain('trouble connecting');
    expect(person.modal()?.error).toContain('trouble connecting');
  });

  it('is updated, pushed on and cleared by the acknowledgement; the stack ends at three', async () => {
    let answer: Record<string, unknown> = {};
    const { person } = await opened(() => answer);
    const next = (title: string) => ({
      type: 'modal',
      callback_id: 'ask',
      title: plain(title),
      submit: plain('Go'),
      blocks: [section(title)],
    });
    person.fill('reason', 'x');
    answer = { response_action: 'update', view: next('Two') };
    await person.submit();
    expect(person.modal()).toMatchObject({ title: 'Two', depth: 1 });
    answer = { response_action: 'push', view: next('Three') };
    await person.submit();
    await person.submit();
    expect(person.modal()).toMatchObject({ title: 'Three', depth: 3 });
    expect((await person.submit()).error).toContain('push_limit_reached');
    answer = { response_action: 'clear' };
    await person.submit();
    expect(person.modal()).toBeUndefined();
  });

  it('stays open with trouble when nobody answers in three seconds', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    await connected(slack, (bolt) => {
      bolt.command('/repull', async ({ ack, command, client }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: form(reason) });
      });
      bolt.view('ask', async () => undefined);
    });
    await slack.as(DEV).type(DEPLOYS, '/repull');
    await slack.waitFor(() => slack.as(DEV).modal());
    slack.as(DEV).fill('reason', 'x');
    const mark = slack.deliveries.mark();
    const submitted = slack.as(DEV).submit();
    await slack.waitFor(() => slack.deliveries.since(mark).length === 1);
    clock.advance(3_001);
    expect(await submitted).toMatchObject({ acked: false, error: expect.stringContaining('operation_timeout') });
    expect(slack.as(DEV).modal()).toMatchObject({
      error: 'We had some trouble connecting. Try again?',
      state: { reason: { 'reason-in': { value: 'x' } } },
    });
  });

  it.each([
    [true, ['ask']],
    [false, []],
  ])('when it is closed and notify_on_close is %s, the app hears %j', async (notify, heard) => {
    const slack = await aSlack();
    const closed: string[] = [];
    await connected(slack, (bolt) => {
      bolt.command('/repull', async ({ ack, command, client }) => {
        await ack();
        await client.views.open({
          trigger_id: command.trigger_id,
          view: { ...(form(reason) as object), notify_on_close: notify } as never,
        });
      });
      bolt.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack, view }) => {
        closed.push(view.callback_id);
        await ack();
      });
    });
    await slack.as(DEV).type(DEPLOYS, '/repull');
    await slack.waitFor(() => slack.as(DEV).modal());
    await slack.as(DEV).closeModal();
    expect(slack.as(DEV).modal()).toBeUndefined();
    expect(closed).toEqual(heard);
  });
});

describe('a trigger', () => {
  it('lives three seconds and opens one modal', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    await connected(slack, (bolt) => bolt.command('/repull', ({ ack }) => ack()));
    const client = aClient(slack);
    const open = (triggerId: string | undefined) => client.views.open({ trigger_id: triggerId ?? '', view: form(section('x')) });
    const first = await slack.as(DEV).type(DEPLOYS, '/repull');
    clock.advance(3_001);
    expect((await refusal(open(first.triggerId))).error).toBe('expired_trigger_id');
    const second = await slack.as(DEV).type(DEPLOYS, '/repull');
    clock.advance(3_000);
    expect((await open(second.triggerId)).ok).toBe(true);
    expect((await refusal(open(second.triggerId))).error).toBe('exchanged_trigger_id');
    expect((await refusal(open('made.up'))).error).toBe('invalid_trigger_id');
  });

  it('pushes only when it comes from a modal', async () => {
    const slack = await aSlack();
    await connected(slack, (bolt) => bolt.command('/repull', ({ ack }) => ack()));
    const { triggerId = '' } = await slack.as(DEV).type(DEPLOYS, '/repull');
    expect((await refusal(aClient(slack).views.push({ trigger_id: triggerId, view: form(section('x')) }))).error).toBe(
      'invalid_trigger_id',
    );
  });
});

describe('changing a view', () => {
  it('keeps what was filled in, refuses an old hash, and a view that is gone', async () => {
    const { slack, person } = await opened();
    const client = aClient(slack);
    person.fill('reason', 'kept');
    const before = person.modal();
    const update = (hash?: string) =>
      client.views.update({ view_id: before?.id ?? '', ...(hash === undefined ? {} : { hash }), view: form(section('new'), reason) });
    await update(before?.hash);
    expect(person.modal()?.state).toEqual({ reason: { 'reason-in': { type: 'plain_text_input', value: 'kept' } } });
    expect((await refusal(update(before?.hash))).error).toBe('hash_conflict');
    await person.closeModal();
    expect((await refusal(update())).error).toBe('not_found');
  });

  it('is judged as strictly as Slack does', async () => {
    const slack = await aSlack();
    await connected(slack, (bolt) => bolt.command('/repull', ({ ack }) => ack()));
    const { triggerId = '' } = await slack.as(DEV).type(DEPLOYS, '/repull');
    const open = (view: unknown) => refusal(aClient(slack).views.open({ trigger_id: triggerId, view: view as never }));
    expect(await open({ type: 'modal', title: plain('x'.repeat(25)), blocks: [] })).toMatchObject({
      error: 'invalid_arguments',
      messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'],
    });
    expect((await open({ type: 'modal', title: plain('x'), blocks: [reason] })).messages[0]).toContain('missing required field: submit');
    expect((await open({ type: 'modal', title: plain('x'), blocks: [], private_metadata: 'x'.repeat(3_001) })).messages[0]).toContain(
      '/view/private_metadata',
    );
    expect((await open({ type: 'modal', title: plain('x'), blocks: [], colour: 'red' })).messages[0]).toContain(
      'invalid additional property: colour',
    );
    expect(
      (await open({ type: 'modal', title: plain('x'), blocks: Array.from({ length: 100 }, () => section('x'.repeat(2_900))) })).error,
    ).toBe('view_too_large');
  });
});

describe('the Home tab', () => {
  it('is published, opened and clicked', async () => {
    const slack = await aSlack();
    const clicks: string[] = [];
    await connected(slack, (bolt) => {
      bolt.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'again', text: plain('Again') }] }] },
        });
      });
      bolt.action('again', async ({ ack, body }) => {
        clicks.push(body.user.id);
        await ack();
      });
    });
    expect(slack.as(SRE).home()).toBeUndefined();
    await slack.as(SRE).openHome();
    const home = await slack.waitFor(() => slack.as(SRE).home());
    await slack.as(SRE).clickHome('Again');
    expect(clicks).toEqual([SRE]);
    const publish = (hash: string) => aClient(slack).views.publish({ user_id: SRE, hash, view: { type: 'home', blocks: [] } });
    expect((await publish(home.hash)).ok).toBe(true);
    expect((await refusal(publish(home.hash))).error).toBe('hash_conflict');
  });
});
