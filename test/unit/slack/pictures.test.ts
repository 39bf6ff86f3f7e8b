import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXHIBITS } from './exhibits.ts';

const FOLDER = 'docs/images/cards';
const shown = [...readFileSync('docs/cards.md', 'utf8').matchAll(/\]\(images\/cards\/([\w-]+)\.png\)/g)].map(([, name]) => name ?? '');

describe('docs/cards.md', () => {
  it('shows each state, answer and window that there is a picture of, each once', () => {
    const sheets = ['all-dark', 'all-narrow'];
    const names = EXHIBITS.map(({ name }) => name);
    expect(shown.filter((name) => !names.includes(name) && !sheets.includes(name))).toEqual([]);
    expect(shown.toSorted()).toEqual([...new Set(shown)].toSorted());
    expect(readdirSync(FOLDER).toSorted()).toEqual(shown.map((name) => `${name}.png`).toSorted());
  });

  it('is made of small files', () => {
    const sizes = shown.filter((name) => existsSync(`${FOLDER}/${name}.png`)).map((name) => statSync(`${FOLDER}/${name}.png`).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_500_000);
  });
});
