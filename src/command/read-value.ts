import type { Filled, Problem } from './read-form.ts';
import type { Token } from './tokens.ts';
import type { Read } from './values.ts';

/** The value of a flag, or nothing where it was not given. */
export function optional<T>(filled: Filled, text: string | undefined, read: (text: string) => Read<T>): { value: T | undefined } | Problem {
  if (text === undefined) return { value: undefined };
  const result = read(text);
  return result.ok ? { value: result.value } : wrongWord(filled, text, result);
}

/** The same line with this word put right, where it is known what was meant. */
export function wrongWord(filled: Filled, text: string, problem: { wrong: string; meant?: string | undefined }): Problem {
  const { wrong, meant } = problem;
  if (meant === undefined) return { wrong };
  const fix = filled.tokens.map((token): Token => {
    if (token.value === text) return { ...token, value: meant };
    return token.value === undefined && token.text === text ? { ...token, text: meant } : token;
  });
  return { wrong, fix };
}
