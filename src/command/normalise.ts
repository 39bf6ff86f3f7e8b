/** Spaces of every width, and line ends: a pasted command may hold any of them. */
const SPACES = /[\s\u0085\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;
/** Zero width characters, soft hyphens, direction marks and controls: nothing that could be seen, and direction marks lie about the order. */
// oxlint-disable-next-line no-control-regex -- controls are what must go
const INVISIBLE = /[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
/** Joins emoji into one; beside a plain letter it is invisible and nothing else. */
// oxlint-disable-next-line no-control-regex -- \x00 is the lower end of ASCII
const LONE_JOINER = /(?<![^\x00-\x7f])\u200d|\u200d(?![^\x00-\x7f])/g;
const DOUBLE_QUOTES = /[\u201c-\u201f\u2033\u2036\u00ab\u00bb\uff02]/g;
const SINGLE_QUOTES = /[\u2018-\u201b\u2032\u2035\uff07]/g;
/** Hyphens that look like one. */
const HYPHENS = /[\u2010\u2011\u2212\ufe63\uff0d]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/**
 * What the person saw when they typed: Slack's links, mentions and escapes undone, curly quotes straight, odd spaces plain, invisible
 * characters gone. Case stays. Dashes are left to the tokens, because inside quotes they are punctuation.
 */
export function normalise(text: string): string {
  return undoSlack(keepIds(text))
    .replace(SPACES, ' ')
    .replace(INVISIBLE, '')
    .replace(LONE_JOINER, '')
    .replace(DOUBLE_QUOTES, '"')
    .replace(SINGLE_QUOTES, "'")
    .replace(HYPHENS, '-')
    .trim();
}

/** After `--user` the id counts and the name is only for the eye; everywhere else (reasons) it is the other way round. */
const keepIds = (text: string): string => text.replace(/([-–—―]user(?:\s+|=)["'“”„«‘’]?)<@([A-Z0-9]+)(?:\|[^<>]*)?>/g, '$1@$2');

/** Whatever a person typed between < and > arrives escaped, so what is in plain brackets was made by Slack. Entities come last and once. */
const undoSlack = (text: string): string =>
  text.replace(/<([^<>]*)>/g, (_, inner: string) => shown(inner)).replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity);

/** `@U1|anna` → `@anna`, `#C1|` → `#C1`, `!subteam^S1|@sre` → `@sre`, `!here` → `@here`, `http://x|x` → `x`. */
function shown(inner: string): string {
  const bar = inner.indexOf('|');
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? '' : inner.slice(bar + 1);
  const sign = /^[@#]/.exec(target)?.[0];
  if (sign !== undefined) return label === '' ? target : `${sign}${label.replace(/^[@#]/, '')}`;
  if (label !== '') return label;
  return target.startsWith('!') ? `@${target.slice(1)}` : target.replace(/^mailto:/, '');
}
