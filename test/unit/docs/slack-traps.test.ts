import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/slack-traps.md', 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:trap|---)/.test(line));
const named = [...page.matchAll(/`(test\/[^`]+)` › (.+?)(?=<br>| \||\.?$)/gm)].map(([, file = '', title = '']) => ({ file, title }));
const guards = [...new Set([...page.matchAll(/`(src\/[^`]+)`/g)].map(([, file = '']) => file))];
const unquoted = (text: string): string => text.replaceAll(/\\(['"`])/g, '$1');

describe('docs/slack-traps.md', () => {
  it('has a guard and a test in every row', () => {
    expect(rows.length).toBe(26 + 7);
    expect(rows.filter((row) => !/^\|[^|]+\|[^|]*`src\/[^|]+\|[^|]*`test\/[^`]+` › /.test(row))).toEqual([]);
  });

  it.each(named)('$file › $title is there', ({ file, title }) => {
    expect(existsSync(file), `${file} is there`).toBe(true);
    expect(unquoted(readFileSync(file, 'utf8'))).toMatch(titleIn(title));
  });

  it.each(guards)('%s is there', (file) => {
    expect(existsSync(file)).toBe(true);
  });
});

/** As the title of a test, not in passing. */
const titleIn = (title: string): RegExp => new RegExp(`[('"\`]\\s*['"\`]${title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}['"\`]`);
