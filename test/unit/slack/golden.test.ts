import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderCard } from '../../../src/slack/render/card.ts';
import type { Rendered } from '../../../src/slack/render/rich.ts';
import { STATE_WORDS } from '../../../src/slack/render/words.ts';
import { STORIES } from './stories.ts';

/** The card as a reader sees it: its blocks as lines, buttons in brackets, and then what a screen reader says. */
function picture(rendered: Rendered): string {
  const seen = rendered.blocks.map((block) => {
    switch (block.type) {
      case 'header':
        return `# ${block.text.text}`;
      case 'context':
        return `~ ${block.elements.map((element) => ('text' in element ? element.text : '')).join(' ')}`;
      case 'section':
        return [block.text?.text, ...(block.fields ?? []).map((field) => `| ${field.text.replaceAll('\n', ': ')}`)]
          .filter((line) => line !== undefined)
          .join('\n');
      case 'actions':
        return block.elements
          .map((element) =>
            element.type === 'button' ? `[${element.text.text}${element.style === undefined ? '' : ` (${element.style})`}]` : '',
          )
          .join(' ');
      default:
        return block.type;
    }
  });
  return `${seen.join('\n\n')}\n\n---- text\n${rendered.text}\n`;
}

describe('the card, as it was agreed on', () => {
  it.each(STORIES)('$name', ({ name, record, context }) => {
    const shown = picture(renderCard(record, context));
    const file = new URL(`./golden/${name}.txt`, import.meta.url);
    // `GOLDEN=write` takes what is rendered now; look at the difference before you commit it.
    if (process.env['GOLDEN'] === 'write') writeFileSync(file, shown);
    expect(shown).toBe(readFileSync(file, 'utf8'));
  });

  it.each(STORIES)('$name begins with its state word, in header and text alike', ({ record, context }) => {
    const { text, blocks } = renderCard(record, context);
    const word = STATE_WORDS[record.state.status];
    expect(text.startsWith(word)).toBe(true);
    expect(blocks[0]).toMatchObject({ type: 'header' });
    expect(JSON.stringify(blocks[0])).toContain(`"text":"${word} `);
    expect(text.split('\n')[1]).toContain(record.id);
  });
});
