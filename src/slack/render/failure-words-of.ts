import type { Line, Span } from './rich.ts';

/** What happened, why, and what to do next. */
export interface Words {
  what: (subject: Span) => Line;
  why: string;
  next: string;
}

export const of =
  (before: string, after = '', nameless = 'it') =>
  (subject: Span): Line => [before, subject === '' ? nameless : subject, after];
