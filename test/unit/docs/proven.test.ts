import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const rows = readFileSync('docs/proven.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, file, title] = /`(test\/[^`]+)` › (.+?) \|$/.exec(line) ?? [];
    return file === undefined || title === undefined ? [] : [{ file, title }];
  });
const unquoted = (text: string): string => text.replaceAll(/\\(['"`])/g, '$1');

describe('docs/proven.md', () => {
  it('has a test in every row of its tables', () => {
    const lines = readFileSync('docs/proven.md', 'utf8').split('\n');
    const cells = lines.filter((line) => line.startsWith('| ') && !/^\| (?:row|---)/.test(line));
    expect(cells.length).toBeGreaterThan(70);
    expect(rows).toHaveLength(cells.length);
  });

  it.each(rows)('$file › $title is there', ({ file, title }) => {
    expect(existsSync(file), `${file} is there`).toBe(true);
    expect(unquoted(readFileSync(file, 'utf8'))).toContain(title);
  });
});
