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

const MARKUP_END = /(?:&[a-z]{0,4}|<[^>]*|`[^`\n]*)$/;

/** Cut to `max` characters with a visible ellipsis, never inside an entity or a mention. Slack counts code points, so counting units is safe. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = text.slice(0, max - 2);
  // A half surrogate pair is not a character.
  if (/[\ud800-\udbff]$/.test(kept)) kept = kept.slice(0, -1);
  const tail = MARKUP_END.exec(kept);
  // An unbalanced backtick may be far back; only a tail that is short enough to be one token is given up.
  if (tail !== null && tail[0].length < 300 && !(tail[0].startsWith('`') && isBalanced(kept))) kept = kept.slice(0, tail.index);
  return `${kept.trimEnd()} …`;
}

const isBalanced = (text: string): boolean => (text.slice(text.lastIndexOf('\n') + 1).match(/`/g)?.length ?? 0) % 2 === 0;

/** The first `max` items, and how many were left out. */
export function first<T>(items: readonly T[], max: number): { shown: readonly T[]; more: number } {
  return items.length <= max ? { shown: items, more: 0 } : { shown: items.slice(0, max), more: items.length - max };
}

/** `a, b, c … and 12 more`. */
export function listed(items: readonly string[], max: number): string {
  const { shown, more } = first(items, max);
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} … and ${more} more`;
}
