import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemText } from '../../../src/playground/slack/check.ts';
import { type Surface, validateBlocks } from '../../../src/playground/slack/validate-blocks.ts';
import { actions, aClient, aSlack, button, DEPLOYS, plain, refusal, section } from './support.ts';

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const option = (value: string, text = value) => ({ text: plain(text), value });
const select = (rest: object) => actions({ type: 'static_select', action_id: 's', ...rest } as never);
const check = (blocks: unknown, surface: Surface = 'message'): string[] => validateBlocks(blocks, surface).map(problemText);
const cells = (text: string) => many(10, () => ({ type: 'raw_text', text }));
const rich = (...elements: unknown[]) => ({ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] });

describe('blocks that Slack takes', () => {
  it.each([
    ['50 of them', many(50, () => section('x'))],
    [
      'a section at its limits',
      [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: 'x'.repeat(3_000) },
          fields: many(10, () => ({ type: 'mrkdwn', text: 'x'.repeat(2_000) })),
        },
      ],
    ],
    ['characters outside the basic plane counted once', [{ type: 'header', text: plain('🚀'.repeat(150)) }]],
    ['25 buttons', [actions(...many(25, (n) => button(`b${n}`, 'x'.repeat(75))))]],
    ['100 options', [select({ options: many(100, (n) => option(`v${n}`)) })]],
    ['an initial option that is offered', [select({ options: [option('a')], initial_option: option('a') })]],
    ['rich text', [rich({ type: 'text', text: 'x', style: { bold: true } }, { type: 'user', user_id: 'U1' })]],
    ['a table', [{ type: 'table', rows: many(10, () => cells('x'.repeat(100))) }]],
    ['a plan of tasks', [{ type: 'plan', title: 'x', tasks: [{ type: 'task_card', task_id: '1', title: 'x', status: 'pending' }] }]],
    ['the same action_id in two blocks', [actions(button('a', 'x')), actions(button('a', 'y'))]],
  ])('%s', (_what, blocks) => {
    expect(check(blocks)).toEqual([]);
  });
});

describe('blocks that Slack refuses', () => {
  it.each<[string, unknown, string]>([
    ['51 of them', many(51, () => section('x')), 'no more than 50 items allowed [json-pointer:/blocks]'],
    ['none', [], 'must contain at least 1 item [json-pointer:/blocks]'],
    ['no list', {}, 'must provide an array [json-pointer:/blocks]'],
    ['an unknown type', [{ type: 'sectoin' }], 'unsupported type: sectoin [json-pointer:/blocks/0/type]'],
    ['an unknown field', [{ ...section('x'), colour: 'red' }], 'invalid additional property: colour [json-pointer:/blocks/0]'],
    [
      'a field of Object.prototype',
      [JSON.parse('{"type":"divider","constructor":1}')],
      'invalid additional property: constructor [json-pointer:/blocks/0]',
    ],
    ['a missing field', [{ type: 'header' }], 'missing required field: text [json-pointer:/blocks/0]'],
    ['an empty text', [section('')], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    ['a long text', [section('x'.repeat(3_001))], 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    [
      'a long header',
      [{ type: 'header', text: plain('x'.repeat(151)) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
      'must be one of: plain_text [json-pointer:/blocks/0/text/type]',
    ],
    ['a section of nothing', [{ type: 'section' }], 'must provide text or fields [json-pointer:/blocks/0]'],
    [
      '11 fields',
      [{ type: 'section', fields: many(11, () => plain('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a long field',
      [{ type: 'section', fields: [plain('x'.repeat(2_001))] }],
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      '11 context elements',
      [{ type: 'context', elements: many(11, () => plain('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    ['26 buttons', [actions(...many(26, (n) => button(`b${n}`, 'x')))], 'no more than 25 items allowed [json-pointer:/blocks/0/elements]'],
    [
      'long words on a button',
      [actions(button('a', 'x'.repeat(76)))],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a long value',
      [actions(button('a', 'x', { value: 'x'.repeat(2_001) }))],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a style that is none',
      [actions(button('a', 'x', { style: 'default' }))],
      'must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]',
    ],
    ['a long confirm text', [actions(button('a', 'x', { confirm: { text: plain('x'.repeat(301)) } }))], '/elements/0/confirm/text/text]'],
    [
      'a long confirm button',
      [actions(button('a', 'x', { confirm: { text: plain('x'), confirm: plain('x'.repeat(31)) } }))],
      '/elements/0/confirm/confirm/text]',
    ],
    [
      'the same action_id twice',
      [actions(button('a', 'x'), button('a', 'y'))],
      'action_id already exists: "a" [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'the same block_id twice',
      [
        { ...section('x'), block_id: 'b' },
        { ...section('y'), block_id: 'b' },
      ],
      'block_id already exists: "b" [json-pointer:/blocks/1/block_id]',
    ],
    [
      'a long block_id',
      [{ ...section('x'), block_id: 'b'.repeat(256) }],
      'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
    ],
    [
      '101 options',
      [select({ options: many(101, (n) => option(`v${n}`)) })],
      'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    ['a long option value', [select({ options: [option('x'.repeat(76))] })], '/elements/0/options/0/value]'],
    [
      'an initial option that is not offered',
      [select({ options: [option('a')], initial_option: option('b') })],
      'initial option is not one of the options',
    ],
    ['options and groups', [select({ options: [option('a')], option_groups: [] })], 'exactly one of options and option_groups'],
    [
      'six overflow options',
      [actions({ type: 'overflow', action_id: 'o', options: many(6, (n) => option(`v${n}`)) } as never)],
      'no more than 5 items allowed',
    ],
    [
      'eleven checkboxes',
      [actions({ type: 'checkboxes', action_id: 'o', options: many(11, (n) => option(`v${n}`)) } as never)],
      'no more than 10 items allowed',
    ],
    ['an image as a button', [actions({ type: 'image', image_url: 'https://x.test', alt_text: 'x' } as never)], 'unsupported type: image'],
    ['an alert in a message', [{ type: 'alert', text: plain('x') }], 'unsupported type: alert'],
    ['101 rows', [{ type: 'table', rows: many(101, () => cells('x')) }], 'no more than 100 items allowed [json-pointer:/blocks/0/rows]'],
    [
      '21 cells',
      [{ type: 'table', rows: [[...cells('x'), ...cells('x'), ...cells('x')]] }],
      'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]',
    ],
    [
      'tables of more than 10 000 characters together',
      many(2, () => ({ type: 'table', rows: many(6, () => cells('x'.repeat(100))) })),
      'tables hold more than 10000 characters',
    ],
    [
      'markdown of more than 12 000 characters together',
      many(2, () => ({ type: 'markdown', text: 'x'.repeat(6_001) })),
      'markdown blocks hold more than 12000 characters',
    ],
    [
      'a task that waits outside a plan',
      [{ type: 'task_card', task_id: '1', title: 'x', status: 'pending' }],
      'only allowed within a plan',
    ],
    ['a plan title that is an object', [{ type: 'plan', title: plain('x') }], 'must provide a string [json-pointer:/blocks/0/title]'],
    [
      'an unknown rich text element',
      [rich({ type: 'bold', text: 'x' })],
      'unsupported type: bold [json-pointer:/blocks/0/elements/0/elements/0/type]',
    ],
    ['a button that is no object', [{ type: 'actions', elements: ['x'] }], 'must provide an object [json-pointer:/blocks/0/elements/0]'],
  ])('%s', (_what, blocks, message) => {
    expect(check(blocks)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

  it.each<[string, unknown, Surface]>([
    ['a table in a modal', [{ type: 'table', rows: [cells('x')] }], 'modal'],
    ['markdown in a modal', [{ type: 'markdown', text: 'x' }], 'modal'],
    ['a plan on the Home tab', [{ type: 'plan', title: 'x' }], 'home'],
  ])('%s', (_what, blocks, surface) => {
    expect(check(blocks, surface)[0]).toContain('unsupported type');
  });

  it('whatever is thrown at the validator, it answers', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(Array.isArray(check([anything]))).toBe(true);
        expect(check([anything]).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('one bad block', () => {
  it('refuses the whole message, with a pointer to what is wrong, and posts nothing', async () => {
    const slack = await aSlack();
    const posted = aClient(slack).chat.postMessage({
      channel: DEPLOYS,
      text: 'x',
      blocks: [section('good'), { type: 'divider', colour: 'red' } as never],
    });
    expect(await refusal(posted)).toMatchObject({
      error: 'invalid_blocks',
      messages: ['[ERROR] invalid additional property: colour [json-pointer:/blocks/1]'],
    });
    expect((await refusal(aClient(slack).apiCall('chat.postMessage', { channel: DEPLOYS, text: 'x', blocks: 'no json' }))).error).toBe(
      'invalid_blocks_format',
    );
    expect(slack.view('U0DEV00001', DEPLOYS).messages).toEqual([]);
  });
});
