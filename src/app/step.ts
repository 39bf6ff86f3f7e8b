/** What a step job answers: look again after so many milliseconds, or never. */
export type Step = { again: number } | 'done';

/** Between two looks at a rollout when nothing is reported; a watch event brings the next one forward. Milliseconds. */
export const LOOK_EVERY = 2_000;
