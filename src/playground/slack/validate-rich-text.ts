/** rich_text blocks: what a person's composer makes, and the safest way for an app to show text that it did not write itself. */
import { boolean, byType, type Check, list, object, oneOf, string, whole } from './check.ts';
import { LIMITS } from './limits.ts';

const style = object({}, { bold: boolean, italic: boolean, strike: boolean, underline: boolean, code: boolean });
const inline = (name: string, required: Record<string, Check>, optional: Record<string, Check> = {}): Check =>
  object({ type: oneOf(name), ...required }, { style, ...optional });

const anId = string(LIMITS.id, 1);
const text = inline('text', { text: string(LIMITS.section.text, 1) });
const link = inline('link', { url: string(LIMITS.image.url, 1) }, { text: string(LIMITS.section.text), unsafe: boolean });

const inlines = byType({
  text,
  link,
  user: inline('user', { user_id: anId }),
  usergroup: inline('usergroup', { usergroup_id: anId }),
  channel: inline('channel', { channel_id: anId }),
  team: inline('team', { team_id: anId }),
  broadcast: inline('broadcast', { range: oneOf('here', 'channel', 'everyone') }),
  emoji: inline('emoji', { name: string(100, 1) }, { unicode: string(100), url: string(LIMITS.image.url) }),
  date: inline(
    'date',
    { timestamp: whole(0, 99_999_999_999), format: string(255, 1) },
    { url: string(LIMITS.image.url), fallback: string(255) },
  ),
  color: inline('color', { value: string(10, 1) }),
});

const MANY = 1_000;
const section = object({ type: oneOf('rich_text_section'), elements: list(inlines, MANY, 0) });

export const richText = object(
  {
    type: oneOf('rich_text'),
    elements: list(
      byType({
        rich_text_section: section,
        rich_text_list: object(
          { type: oneOf('rich_text_list'), elements: list(section, MANY), style: oneOf('bullet', 'ordered') },
          { indent: whole(0, 8), border: oneOf(0, 1), offset: whole(0, 1_000_000) },
        ),
        rich_text_quote: object({ type: oneOf('rich_text_quote'), elements: list(inlines, MANY, 0) }, { border: oneOf(0, 1) }),
        rich_text_preformatted: object(
          { type: oneOf('rich_text_preformatted'), elements: list(byType({ text, link }), MANY, 0) },
          { border: oneOf(0, 1), language: string(50) },
        ),
      }),
      MANY,
    ),
  },
  { block_id: anId },
);
