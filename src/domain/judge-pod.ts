import { evidenceFor } from './evidence.ts';
import { containerIn, digestIn, matches, type Match } from './identity.ts';
import type { ContainerPlan } from './plan.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { PodVerdict, PullEvidence, VerdictWord } from './verdict.ts';
import type { NodeFacts, Pod } from './workload.ts';

/** How the bits came, as far as the kubelet said: `must-have-pulled` is what the policy Always leaves as the only way to start. */
export type Origin = 'pulled' | 'cached' | 'must-have-pulled' | 'not-said';

export function judgePod(
  pod: Pod,
  plan: ContainerPlan,
  answer: RegistryAnswer,
  node: NodeFacts | undefined,
  evidence: readonly PullEvidence[],
): PodVerdict {
  const container = containerIn(pod, plan.container);
  const seen = digestIn(pod, plan.container);
  const proof = proofOf(evidenceFor(evidence, pod, plan.container));
  const started = container?.imageId !== undefined && container.imageId !== '';
  const origin: Origin =
    proof === undefined
      ? started && container.pullPolicy === 'Always'
        ? 'must-have-pulled'
        : 'not-said'
      : proof.what.is === 'pulled'
        ? 'pulled'
        : 'cached';
  const matchOf = (of: typeof seen): Match => matches(of, plan.imageAfter, answer, node);
  const match = matchOf(seen);
  // The same code may have run under another digest: the runtime shows any of those it knows.
  const ranBefore = (digest: string): boolean =>
    digest === seen?.digest || (match === 'same' && matchOf({ digest, of: 'manifest' }) === 'same');
  const word = verdictWord({
    origin,
    match,
    known: answer.known,
    unchanged: seen !== undefined && plan.running.some(ranBefore),
    shown: seen !== undefined,
  });
  const pulled = proof?.what.is === 'pulled' ? proof.what : undefined;
  return {
    podUid: pod.uid,
    pod: pod.name,
    ...(pod.node === undefined ? {} : { node: pod.node }),
    container: plan.container,
    ...(container?.containerId === undefined ? {} : { containerId: container.containerId }),
    word,
    ...(seen === undefined ? {} : { after: seen.digest }),
    ...(pulled?.tookMs === undefined ? {} : { tookMs: pulled.tookMs }),
    ...(pulled?.waitedMs === undefined ? {} : { waitedMs: pulled.waitedMs }),
    ...(pulled?.bytes === undefined ? {} : { bytes: pulled.bytes }),
    ...(proof === undefined ? {} : { evidence: { message: proof.message, at: proof.at } }),
  };
}

/**
 * The event that says how the image came: the newest pull, else the newest cache hit. A container that was restarted in its pod finds what
 * its first start had pulled, so a later cache hit takes nothing back; the digest is compared in any case.
 */
function proofOf(evidence: readonly PullEvidence[]): PullEvidence | undefined {
  return evidence.findLast((each) => each.what.is === 'pulled') ?? evidence.findLast((each) => each.what.is === 'already-present');
}

export interface Facts {
  origin: Origin;
  /** Whether what runs is what the registry holds, or what the pinned reference names. */
  match: Match;
  /** The registry answered. */
  known: boolean;
  /** The pods that were replaced ran this digest too. */
  unchanged: boolean;
  /** The pod shows a digest at all. */
  shown: boolean;
}

/** The exact meaning of each word: research/kubernetes.md §7B. Total: every combination has exactly one, and no guess makes one better. */
export function verdictWord({ origin, match, known, unchanged, shown }: Facts): VerdictWord {
  if (!shown) return 'unverifiable';
  switch (origin) {
    case 'pulled':
      if (match === 'other') return 'wrong image';
      // The registry answered and does not know what runs: a bare config digest, of an image that nobody can trace.
      if (match === 'cannot-tell' && known) return 'unverifiable';
      return unchanged ? 'pulled, unchanged' : 'pulled new';
    case 'cached':
      if (match === 'same') return 'cache, but correct';
      return match === 'other' && !unchanged ? 'wrong image' : 'from node cache';
    case 'must-have-pulled':
      if (match === 'other') return 'wrong image';
      return match === 'cannot-tell' && known ? 'unverifiable' : 'inferred';
    case 'not-said':
      return match === 'other' ? 'wrong image' : 'unverifiable';
  }
}
