import type { ContainerPlan } from '../../domain/plan.ts';
import { workloadKey } from '../../domain/workload.ts';
import { digests } from './card-containers.ts';
import { oneLine } from './escape.ts';
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
    digests(each, undefined, 'running'),
    answerOf(each),
  ]);
}

/** In the words of the verdicts, so that the same thing has one name before and after a repull. */
function answerOf(each: ContainerPlan): Line {
  if (!each.registry.known) {
    return [
      '❔ ',
      { bold: 'unverifiable' },
      `: the registry could not be asked, ${each.registry.because} (${oneLine(each.registry.detail).slice(0, 200)})`,
    ];
  }
  if (each.running.length === 0) return ['❔ ', { bold: 'unverifiable' }, ': no pod of it is running'];
  const held = new Set([each.registry.digest, ...each.registry.identities.map((identity) => identity.digest)]);
  const stale = each.running.filter((digest) => !held.has(digest));
  if (stale.length === 0) return ['✅ ', { bold: 'cache, but correct' }, ': nothing newer, every pod runs what the registry holds'];
  return stale.length === each.running.length
    ? ['🆕 ', { bold: 'wrong image' }, ': there is something newer to pull']
    : ['🆕 ', { bold: 'wrong image' }, ': there is something newer to pull, and only some pods run it'];
}
