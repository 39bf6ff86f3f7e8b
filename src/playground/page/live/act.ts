import type { Act, ActAnswer, Option, Outcome } from '../../page-server/wire.ts';

async function post(as: string, act: Act): Promise<ActAnswer> {
  try {
    const response = await fetch('/api/act', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as, act }),
    });
    return (await response.json()) as ActAnswer;
  } catch {
    return { problem: 'The playground cannot be reached. Is it still running?' };
  }
}

/** What one person can do. Everything that goes wrong is said through `say`; the answers are for those who need more than that. */
export interface Actor {
  readonly id: string;
  do(act: Act): Promise<Outcome | undefined>;
  suggest(act: Extract<Act, { do: 'suggest' }>): Promise<Option[]>;
  push(ref: string, crash: boolean): Promise<void>;
}

export function actorFor(id: string, say: (text: string) => void): Actor {
  return {
    id,
    async do(act) {
      const answer = await post(id, act);
      if ('problem' in answer) say(answer.problem);
      return 'outcome' in answer ? answer.outcome : undefined;
    },
    async suggest(act) {
      const answer = await post(id, act);
      if ('problem' in answer) say(answer.problem);
      return 'options' in answer ? answer.options : [];
    },
    async push(ref, crash) {
      const answer = await post(id, { do: 'push', ref, crash });
      if ('problem' in answer) say(answer.problem);
    },
  };
}
