import { BackendAway } from '../app/ports.ts';

/** Replies that say "not now" and nothing about our command (research: reliability §2.3). */
const NOT_NOW = /^(?:READONLY|LOADING|MISCONF|BUSY|OOM|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNBLOCKED)\b/;
/** What ioredis says when it could not send, or cannot know what became of what it sent. */
const LOST =
  /^(?:Connection is closed|Command timed out|Stream isn't writeable|Reached the max retries per request limit|connect ETIMEDOUT|Socket closed|Socket timeout)|ECONN|EPIPE|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/;

export const isNotNow = (error: unknown): boolean => error instanceof Error && NOT_NOW.test(error.message);

const isAway = (error: unknown): boolean =>
  error instanceof Error && (isNotNow(error) || LOST.test(error.message) || error.name === 'MaxRetriesPerRequestError');

/** The same judgement on an error that has been thrown already; undefined for a bug. */
export function asAway(error: unknown): BackendAway | undefined {
  if (error instanceof BackendAway) return error;
  return isAway(error) ? new BackendAway('redis', `Redis: ${(error as Error).message}`, { cause: error }) : undefined;
}

/** Every call to Redis goes through here: an outage becomes `BackendAway` (outcome unknown, try again), anything else is a bug and stays one. */
export async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asAway(error) ?? error;
  }
}
