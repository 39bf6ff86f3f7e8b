/** Life of a request (product.md §5). The one table of legal moves; `store/transition.lua` is given its pairs. */
export const STATUSES = [
  'planning',
  'awaiting-approval',
  'scheduled',
  'queued',
  'rolling-out',
  'refused',
  'denied',
  'rejected',
  'expired',
  'cancelled',
  'succeeded',
  'failed',
  'superseded',
] as const;
export type Status = (typeof STATUSES)[number];

/**
 * From each status, where it may go. `x → x` is an update in place and legal only while open: delivery is at least once, so a step may run twice.
 * Back edges: drift found before the first write sends `queued` and `scheduled` back to planning, which asks again.
 */
export const MOVES: Record<Status, readonly Status[]> = {
  planning: ['planning', 'superseded', 'refused', 'denied', 'awaiting-approval', 'scheduled', 'queued', 'cancelled', 'expired', 'failed'],
  'awaiting-approval': ['awaiting-approval', 'planning', 'scheduled', 'queued', 'rejected', 'expired', 'cancelled', 'refused'],
  scheduled: ['scheduled', 'planning', 'queued', 'expired', 'cancelled', 'refused'],
  queued: ['queued', 'planning', 'awaiting-approval', 'rolling-out', 'cancelled', 'expired', 'failed', 'refused', 'succeeded'],
  'rolling-out': ['rolling-out', 'succeeded', 'failed', 'cancelled', 'superseded'],
  refused: [],
  denied: [],
  rejected: [],
  expired: [],
  cancelled: [],
  succeeded: [],
  failed: [],
  superseded: [],
};

export const isLegal = (from: Status, to: Status): boolean => MOVES[from].includes(to);
export const isTerminal = (status: Status): boolean => MOVES[status].length === 0;
export const TERMINAL_STATUSES = STATUSES.filter(isTerminal);
export const OPEN_STATUSES = STATUSES.filter((status) => !isTerminal(status));

/** Statuses in which a request stands in the line of its workloads: from `queued` until it ends. */
export const holdsPlace = (status: Status): boolean => status === 'queued' || status === 'rolling-out';

/** Every legal pair as `from>to`, the form in which Lua gets them. */
export const legalPairs = (): string[] => STATUSES.flatMap((from) => MOVES[from].map((to) => `${from}>${to}`));
