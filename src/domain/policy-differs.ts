import type { Policy } from './policy.ts';
import type { RequestRecord } from './request.ts';

/**
 * A request keeps the decision that it was made under, and whoever approves is asked by the policy of now (product.md §6). Where the two differ, the
 * card says how; undefined where they do not, or where nobody is asked any more.
 */
export function policyDiffers(policy: Policy, { state, decision, ask }: RequestRecord): string | undefined {
  if (state.status !== 'awaiting-approval' || decision.verdict !== 'ask') return undefined;
  const environment = policy.environments.get(ask.environment);
  if (environment === undefined) return `${ask.environment} is no longer in the policy file: nobody can approve this`;
  const now = environment.approval;
  const changes = [
    ...(sorted(now.from) === sorted(decision.from) ? [] : [`approvals now come from ${now.from?.join(', ') ?? 'whoever may approve'}`]),
    ...(decision.breakGlass === true || now.self === decision.self
      ? []
      : [now.self ? 'the requester’s own vote counts now' : 'the requester’s own vote no longer counts']),
    // Incident rules and a broken glass have votes of their own.
    ...(decision.incident !== undefined || decision.breakGlass === true || now.votes === decision.votes
      ? []
      : [`a new request would need ${now.votes}, this one keeps ${decision.votes}`]),
  ];
  return changes.length === 0 ? undefined : `the policy changed since: ${changes.join('; ')}`;
}

const sorted = (names: readonly string[] | undefined): string => (names ?? []).toSorted().join(' ');
