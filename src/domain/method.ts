/** The ways to make a cluster fetch an image again (product.md §1). `auto` is a choice left to the planner, never carried out as such. */
export const METHODS = ['auto', 'set-image', 'evict', 'always', 'restart', 'pin'] as const;
export type Method = (typeof METHODS)[number];
export const isMethod = (text: string): text is Method => (METHODS as readonly string[]).includes(text);
