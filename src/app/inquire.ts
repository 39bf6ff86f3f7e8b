import type { Answer } from './answers.ts';
import { makePlan } from './make-plan.ts';
import type { Inquiry } from './ports-slack.ts';
import { BackendAway } from './ports.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** The `check` job: looks and answers, changes nothing, leaves no request behind. */
export async function inquire(deps: WorkerDeps, id: string): Promise<void> {
  const inquiry = await deps.inquiries.load(id);
  if (inquiry === undefined || inquiry.answer !== undefined) return;
  await deps.inquiries.answer(id, await answerTo(deps, inquiry));
  await deps.queues.answer(id);
}

async function answerTo(deps: WorkerDeps, inquiry: Inquiry): Promise<Answer> {
  const { app, environment } = inquiry.ask;
  try {
    const at = await deps.store.now();
    const made = await makePlan(deps, inquiry.ask, inquiry.id, at);
    if (inquiry.kind === 'check') {
      const containers = made.ok ? made.plan.containers : made.refusal.containers;
      if (containers.length > 0) return { kind: 'check', app, environment, containers, warnings: made.ok ? made.plan.warnings : [] };
    } else if (made.ok) {
      return { kind: 'dry-run', plan: made.plan, app, environment, decision: inquiry.decision };
    }
    if (made.ok) return { kind: 'check', app, environment, containers: [], warnings: made.plan.warnings };
    return { kind: 'failure', failure: made.refusal.refused, app, environment, containers: made.refusal.containers };
  } catch (problem) {
    if (!(problem instanceof BackendAway)) throw problem;
    return { kind: 'failure', failure: { code: 'backend-away', subject: problem.backend, evidence: problem.message }, app, environment };
  }
}
