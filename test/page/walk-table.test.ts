import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FLAGS, TYPED_VERBS } from '../../src/command/grammar.ts';
import { ACTIONS } from '../../src/slack/render/card-buttons.ts';

const page = readFileSync('docs/walk.md', 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:what|---)/.test(line));
/** What a row is about: its first cell. */
const about = rows.map((row) => row.split(' | ')[0] ?? '').join('\n');
const render = readdirSync('src/slack/render').map((file) => readFileSync(`src/slack/render/${file}`, 'utf8'));
const found = (pattern: RegExp): string[] => [...new Set(render.flatMap((text) => [...text.matchAll(pattern)].map(([, id = '']) => id)))];

/** Fields of a form, which are filled in and not pressed. */
const FIELDS = ['app', 'environment', 'method', 'reason'];
const named = [...page.matchAll(/`(test\/[^`]+)` › (.+?)(?=<br>| \|$)/gm)].map(([, file = '', title = '']) => ({ file, title }));

describe('docs/walk.md', () => {
  it.each(TYPED_VERBS)('walks /repull %s', (verb) => {
    expect(about).toContain(`\`/repull ${verb}\``);
  });

  it.each(Object.keys(FLAGS))('walks --%s', (flag) => {
    expect(about).toContain(`\`--${flag}\``);
  });

  it.each([...new Set([...ACTIONS, ...found(/action_id: '([\w-]+)'/g)])].filter((id) => !FIELDS.includes(id)))(
    'walks the button %s',
    (action) => {
      expect(about).toContain(`(\`${action}\`)`);
    },
  );

  it.each([...found(/callback_id: '([\w-]+)'/g), ...found(/SHORTCUT = '([\w-]+)'/g)])('walks the form or shortcut %s', (form) => {
    expect(about).toContain(`(\`${form}\`)`);
  });

  it('names a test in every row', () => {
    expect(rows.filter((row) => !/ \| `test\/[^`]+` › .+ \|$/.test(row))).toEqual([]);
  });

  it.each(named)('$file › $title is there', ({ file, title }) => {
    expect(readFileSync(file, 'utf8')).toContain(`it('${title}'`);
  });
});
