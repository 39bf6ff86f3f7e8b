import { podsSaid } from '../../domain/cron-run.ts';
import type { Plan } from '../../domain/plan.ts';
import { workloadKey } from '../../domain/workload.ts';
import { containerParagraphs } from './card-containers.ts';
import { warningLines } from './card-facts.ts';
import { oneLine } from './escape.ts';
import { first } from './limits.ts';
import type { Line, Part } from './rich.ts';
import { sectionPart } from './rich.ts';
import { counted } from './words.ts';

/** A plan by itself: for `--dry-run` and for Details. `max`: so many workloads are named. */
export function planParts(plan: Plan, max = 8): Part[] {
  const { shown, more } = first(plan.workloads, max);
  const workloads = shown.map((each) =>
    sectionPart([
      [{ bold: workloadKey(each.workload) }, ' · method ', { code: each.method }, `: ${oneLine(each.why)}`],
      [`${podsSaid(each)} · downtime: ${oneLine(each.downtime)}`],
      ...(each.budgets.length === 0
        ? []
        : [[`Disruption budgets: ${each.budgets.map((budget) => `${budget.name} allows ${budget.allowed}`).join(', ')}`] as Line]),
      ...(each.owners.length === 0
        ? []
        : [
            [
              `Also managed by: ${each.owners.map((owner) => `${owner.by}${owner.name === undefined ? '' : ` ${owner.name}`}`).join(', ')}`,
            ] as Line,
          ]),
    ]),
  );
  const warnings = first(warningLines(plan.warnings), 8);
  return [
    ...workloads,
    sectionPart(more === 0 ? [] : [[`… and ${counted(more, 'more workload')}`]]),
    containerParagraphs(plan.containers, max + 2),
    sectionPart(warnings.more === 0 ? warnings.shown : [...warnings.shown, [`… and ${counted(warnings.more, 'more warning')}`]]),
  ];
}
