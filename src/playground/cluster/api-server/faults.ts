import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultAnswer, RequestMatch } from '../types.ts';
import { ApiError, reasonOf } from './errors.ts';

export interface FaultSubject {
  verb: string;
  /** Plural with subresource. */
  resource: string;
  namespace: string;
  name: string;
  /** With the query. */
  url: string;
}

type Effect =
  | { kind: 'answer'; answer: FaultAnswer }
  | { kind: 'lose-reply' }
  | { kind: 'reset' }
  | { kind: 'delay'; milliseconds: number }
  | { kind: 'empty-watch' };

interface Fault {
  match: RequestMatch;
  effect: Effect;
  left: number;
}

/** What is to go wrong, and with which requests. The server asks once per request. */
export class Faults {
  private readonly list = new Set<Fault>();

  add(match: RequestMatch, effect: Effect, times = 1): () => void {
    const fault: Fault = { match, effect, left: times };
    this.list.add(fault);
    return () => this.list.delete(fault);
  }

  clear(): void {
    this.list.clear();
  }

  /** Uses up one shot of every fault that concerns the request, delays first. Throws what is to be answered instead. */
  async meet(subject: FaultSubject): Promise<'reset' | 'lose-reply' | 'empty-watch' | undefined> {
    let outcome: 'reset' | 'lose-reply' | 'empty-watch' | undefined;
    let refusal: FaultAnswer | undefined;
    for (const fault of this.list) {
      const { effect } = fault;
      if (!concerns(fault.match, subject) || (effect.kind === 'empty-watch' && subject.verb !== 'watch')) continue;
      fault.left -= 1;
      if (fault.left <= 0) this.list.delete(fault);
      if (effect.kind === 'delay') await sleep(effect.milliseconds);
      else if (effect.kind === 'answer') refusal ??= effect.answer;
      else outcome ??= effect.kind;
    }
    if (refusal) throw toError(refusal);
    return outcome;
  }
}

export function concerns(match: RequestMatch, subject: FaultSubject): boolean {
  return (
    (match.verb === undefined || match.verb === subject.verb) &&
    (match.resource === undefined || match.resource === subject.resource) &&
    (match.namespace === undefined || match.namespace === subject.namespace) &&
    (match.name === undefined || match.name === subject.name) &&
    (match.path === undefined || match.path.test(subject.url))
  );
}

function toError({ status, reason, message, retryAfter }: FaultAnswer): ApiError {
  return new ApiError(
    status,
    reason ?? reasonOf(status),
    message ?? `the simulated API server was told to answer ${status}`,
    retryAfter === undefined ? undefined : { retryAfterSeconds: retryAfter },
  );
}
