/** Something that the person at the keyboard can do something about: said in these words, without a stack, exit code 1. */
export class Problem extends Error {
  override name = 'Problem';
}

/** The message of whatever was thrown. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
