/** `*` stands for any characters, none too; everything else is exact, in its case. Linear in the text for each star, so no pattern is slow. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const tail = rest.pop() ?? '';
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  let from = head.length;
  const end = text.length - tail.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

export const matchesAny = (patterns: readonly string[], text: string): boolean => patterns.some((pattern) => matchesGlob(pattern, text));
export const isGlob = (pattern: string): boolean => pattern.includes('*');
