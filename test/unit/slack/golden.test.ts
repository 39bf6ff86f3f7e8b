import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderCard } from '../../../src/slack/render/card.ts';
import { STATE_WORDS } from '../../../src/slack/render/words.ts';
import { EXHIBITS, type Exhibit } from './exhibits.ts';
import { pictureOf, pictureOfConfirm, pictureOfView } from './picture.ts';
import { STORIES } from './stories.ts';

function shownBy(exhibit: Exhibit): string {
  if ('message' in exhibit) return pictureOf(exhibit.message);
  if ('view' in exhibit) return pictureOfView(exhibit.view);
  const card = EXHIBITS.find(({ name }) => name === exhibit.card);
  return pictureOfConfirm(card !== undefined && 'message' in card ? card.message : undefined, exhibit.press);
}

describe('what is seen in Slack, as it was agreed on', () => {
  it.each(EXHIBITS)('$name', (exhibit) => {
    const shown = shownBy(exhibit);
    const file = new URL(`./golden/${exhibit.name}.txt`, import.meta.url);
    // `GOLDEN=write` takes what is rendered now; look at the difference before you commit it.
    if (process.env['GOLDEN'] === 'write') writeFileSync(file, shown);
    expect(shown).toBe(readFileSync(file, 'utf8'));
  });

  it('has no golden file that nothing is compared with', () => {
    const files = readdirSync(new URL('./golden/', import.meta.url)).map((file) => file.replace(/\.txt$/, ''));
    expect(files.toSorted()).toEqual(EXHIBITS.map(({ name }) => name).toSorted());
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
