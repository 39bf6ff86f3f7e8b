/** What all bots together may ask of Slack. Interactive answers (ephemeral, modals, response URLs) never come here. */

/** The end of a request before any other change of state, and both before progress. */
export type Rank = 'terminal' | 'state' | 'progress';
export const RANKS: readonly Rank[] = ['terminal', 'state', 'progress'];

/** Who wants to say something. */
export interface Claim {
  /** The request: it has one place in a line, and the next thing it wants to say there takes it over. */
  of: string;
  rank: Rank;
  /** Redis ms of what is to be said: among equals the oldest goes first. */
  since: number;
}

export type Turn = { go: true } | { go: false; retryAfterMs: number };

/** chat.update has one budget for the whole workspace; posts have one per channel, and a wide one for all. */
export interface Budget {
  /** Progress is told to come back and takes no place in the line: by then there is something newer to show. */
  update(claim: Claim): Promise<Turn>;
  /** Here progress waits like the others, behind them: a thread entry is not replaced by the next one. */
  post(channel: string, claim: Claim): Promise<Turn>;
  /** Slack said 429 all the same: nothing of this kind goes out before that, from whichever bot. */
  pause(what: Paused, ms: number): Promise<void>;
}
export type Paused = 'update' | { channel: string };

/** The part of it that all bots share. Asked and answered at once; whoever is to wait keeps its place until somewhat after the time named. */
export interface SharedBudget {
  /** 0: taken. Else milliseconds until it is worth asking again. Throws `BackendAway`. */
  takeUpdate(claim: Claim): Promise<number>;
  takePost(channel: string, claim: Claim): Promise<number>;
  pause(what: Paused, ms: number): Promise<void>;
}
