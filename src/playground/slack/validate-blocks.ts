/** Block Kit as strict as Slack: known types on their surface, no unknown field, every limit, no id twice. */
import { all, boolean, byType, type Check, list, object, oneOf, type Problem, rule, string } from './check.ts';
import { LIMITS } from './limits.ts';
import {
  accessory,
  actionElement,
  anyText,
  button,
  contextElement,
  iconButton,
  image,
  inputElement,
  mrkdwn,
  plainText,
} from './validate-elements.ts';
import { richText } from './validate-rich-text.ts';
import { wholeMessageProblems } from './validate-whole.ts';

export type Surface = 'message' | 'modal' | 'home';

const block = (name: string, required: Record<string, Check>, optional: Record<string, Check> = {}): Check =>
  object({ type: oneOf(name), ...required }, { block_id: string(LIMITS.id, 1), ...optional });

const cell = byType({
  raw_text: object({ type: oneOf('raw_text'), text: string(LIMITS.message.tableText, 1) }),
  raw_number: object({
    type: oneOf('raw_number'),
    text: string(LIMITS.message.tableText, 1),
    value: (value, pointer, problems) => {
      if (typeof value !== 'number') problems.push({ pointer, message: 'must provide a number' });
    },
  }),
  rich_text: richText,
});
const task = block(
  'task_card',
  { task_id: string(LIMITS.id, 1), title: string(LIMITS.header, 1), status: oneOf('pending', 'in_progress', 'complete', 'error') },
  {
    details: richText,
    output: richText,
    sources: list(object({ type: oneOf('url'), url: string(LIMITS.image.url, 1), text: string(LIMITS.header, 1) }), 100),
  },
);
const card = all(
  block(
    'card',
    {},
    {
      hero_image: image,
      icon: image,
      title: mrkdwn(LIMITS.card.title),
      subtitle: mrkdwn(LIMITS.card.subtitle),
      body: mrkdwn(LIMITS.card.body),
      actions: list(button, LIMITS.card.actions),
    },
  ),
  rule((value) =>
    ['hero_image', 'title', 'actions', 'body'].every((key) => value[key] === undefined)
      ? 'must provide at least one of hero_image, title, actions, body'
      : undefined,
  ),
);

const everywhere: Record<string, Check> = {
  section: all(
    block(
      'section',
      {},
      {
        text: anyText(LIMITS.section.text),
        fields: list(anyText(LIMITS.section.field), LIMITS.section.fields),
        accessory,
        expand: boolean,
      },
    ),
    rule((value) => (value['text'] === undefined && value['fields'] === undefined ? 'must provide text or fields' : undefined)),
  ),
  header: block('header', { text: plainText(LIMITS.header) }),
  divider: block('divider', {}),
  context: block('context', { elements: list(contextElement, LIMITS.context) }),
  actions: block('actions', { elements: list(actionElement, LIMITS.actions) }),
  image: block(
    'image',
    { image_url: string(LIMITS.image.url, 1), alt_text: string(LIMITS.image.alt, 1) },
    { title: plainText(LIMITS.image.title) },
  ),
  input: block(
    'input',
    { label: plainText(LIMITS.input.label), element: inputElement },
    { hint: plainText(LIMITS.input.hint), optional: boolean, dispatch_action: boolean },
  ),
  rich_text: richText,
};
const container = all(
  block(
    'container',
    {
      child_blocks: list(byType(everywhere), LIMITS.container.children),
    },
    {
      title: plainText(LIMITS.container.title),
      rich_text_title: richText,
      subtitle: anyText(LIMITS.container.title),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: image,
      is_collapsible: boolean,
      default_collapsed: boolean,
      has_header_divider: boolean,
    },
  ),
  rule((value) =>
    value['title'] === undefined && value['rich_text_title'] === undefined ? 'must provide title or rich_text_title' : undefined,
  ),
);
const table = block(
  'table',
  { rows: list(list(cell, LIMITS.table.cells), LIMITS.table.rows) },
  { column_settings: list(object({}, { align: oneOf('left', 'center', 'right'), is_wrapped: boolean }), LIMITS.table.columns, 0) },
);

const surfaces: Record<Surface, Record<string, Check>> = {
  message: {
    ...everywhere,
    table,
    container,
    card,
    carousel: block('carousel', { elements: list(card, LIMITS.carousel) }),
    markdown: block('markdown', { text: string(LIMITS.message.mrkdwnBlock, 1) }),
    /** A task card on its own refuses `pending`; within a plan it may wait. */
    task_card: all(
      task,
      rule((value) => (value['status'] === 'pending' ? 'status pending is only allowed within a plan' : undefined)),
    ),
    plan: block('plan', { title: string(LIMITS.header, 1) }, { tasks: list(byType({ task_card: task }), LIMITS.message.blocks) }),
    context_actions: block('context_actions', { elements: list(byType({ icon_button: iconButton }), LIMITS.contextActions) }),
  },
  modal: {
    ...everywhere,
    alert: block('alert', { text: anyText(LIMITS.alert) }, { level: oneOf('default', 'info', 'warning', 'error', 'success') }),
  },
  home: { ...everywhere, table, container },
};

/** What is wrong with these blocks on this surface; empty if Slack would take them. Pointers start at `at`. */
export function validateBlocks(blocks: unknown, surface: Surface, at = '/blocks'): Problem[] {
  const problems: Problem[] = [];
  const max = surface === 'message' ? LIMITS.message.blocks : LIMITS.view.blocks;
  list(byType(surfaces[surface]), max, surface === 'message' ? 1 : 0)(blocks, at, problems);
  if (Array.isArray(blocks)) problems.push(...wholeMessageProblems(blocks, at));
  return problems;
}
