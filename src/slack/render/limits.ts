/** Slack's limits as far as we come near them; characters, or items. Source: research in docs.slack.dev, smaller value where two differ. */
export const LIMITS = {
  blocks: 50,
  viewBlocks: 100,
  sectionText: 3000,
  contextText: 2000,
  header: 150,
  fields: 10,
  field: 2000,
  buttonText: 75,
  buttonValue: 2000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  optionText: 75,
  optionValue: 75,
  options: 100,
  placeholder: 150,
  viewTitle: 24,
  viewMetadata: 3000,
  inputLabel: 2000,
  /** `text` of chat.update; over it the whole update is refused. */
  updateText: 4000,
} as const;

/** One word of somebody's text: so that a single one cannot push everything else off the card. */
export const SPAN = { text: 1000, code: 300, bold: 200 } as const;

/**
 * Cut to `max` characters with a visible ellipsis, never inside an entity, a mention or inline code. Slack counts code points, so counting
 * UTF-16 units is on the safe side.
 */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // Room for the ellipsis and for closing inline code.
  let kept = text.slice(0, max - 3);
  // Half a surrogate pair is not a character.
  if (/[\ud800-\udbff]$/.test(kept)) kept = kept.slice(0, -1);
  kept = kept.replace(/&[a-z]{0,4}$/, '');
  const open = kept.lastIndexOf('<');
  if (open > kept.lastIndexOf('>')) kept = kept.slice(0, open);
  const line = kept.slice(kept.lastIndexOf('\n') + 1);
  const isInCode = !line.startsWith('```') && (line.match(/`/g)?.length ?? 0) % 2 === 1;
  return `${kept.trimEnd()}${isInCode ? '`' : ''} …`;
}

/** The first `max` items, and how many were left out. */
export function first<T>(items: readonly T[], max: number): { shown: readonly T[]; more: number } {
  return items.length <= max ? { shown: items, more: 0 } : { shown: items.slice(0, max), more: items.length - max };
}

/** `a, b, c … and 12 more`. */
export function listed(items: readonly string[], max: number): string {
  const { shown, more } = first(items, max);
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} … and ${more} more`;
}
