import type { ContainerPlan } from '../../domain/plan.ts';
import { workloadKey } from '../../domain/workload.ts';
import { digests } from './card-containers.ts';
import type { Line } from './rich.ts';
import { joined } from './rich.ts';
import { shortImage } from './words.ts';

/** `check`: is there anything newer, in words, with the digests that say so. */
export function checkLines(containers: readonly ContainerPlan[]): Line[] {
  return containers.flatMap((each): Line[] => [
    joined(
      [
        [{ bold: each.container }, ' in ', { code: workloadKey(each.workload) }],
        [{ code: shortImage(each.image) }],
        [`pull policy ${each.pullPolicy}`],
      ],
      ' · ',
    ),
    digests(each),
    [answerOf(each)],
  ]);
}

function answerOf(each: ContainerPlan): string {
  if (!each.registry.known) return `❔ unknown: the registry said ${each.registry.because} (${each.registry.detail.slice(0, 200)})`;
  if (each.running.length === 0) return '❔ unverifiable: no pod of it is running';
  const held = new Set([each.registry.digest, ...each.registry.identities.map((identity) => identity.digest)]);
  const stale = each.running.filter((digest) => !held.has(digest));
  if (stale.length === 0) return '✅ up to date: every pod runs what the registry holds';
  return stale.length === each.running.length
    ? '🆕 there is something newer to pull'
    : '🆕 there is something newer to pull: only some pods run what the registry holds';
}
