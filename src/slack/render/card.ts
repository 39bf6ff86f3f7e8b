import type { CardContext } from '../../app/ports-slack.ts';
import type { RequestRecord } from '../../domain/request.ts';
import { buttonsPart } from './card-buttons.ts';
import { containersPart } from './card-containers.ts';
import { approvalsPart, factsPart, warningsPart } from './card-facts.ts';
import { headPart } from './card-head.ts';
import { outcomePart } from './card-outcome.ts';
import { driftPart } from './card-drift.ts';
import { progressPart } from './card-progress.ts';
import type { Part, Rendered } from './rich.ts';
import { compose, fits } from './rich.ts';

/** How much of what there may be dozens of is named; less and less, until the words fit. */
const ROOMS = [8, 5, 3, 2, 1] as const;

/**
 * The card of a request: state first, then how it stands, then the facts behind it, then what can be done. A pure function of record and
 * context, without a clock, so that equal input is equal output and an unchanged card is never sent twice. Whoever hears it reads `text`,
 * which an update limits to 4,000 characters: rather than cut that short, the card names fewer workloads to everybody.
 */
export function renderCard(record: RequestRecord, context: CardContext): Rendered {
  let parts: Part[] = [];
  for (const room of ROOMS) {
    parts = partsOf(record, context, room);
    if (fits(parts)) break;
  }
  return compose(parts);
}

const partsOf = (record: RequestRecord, context: CardContext, room: number): Part[] => [
  headPart(record),
  outcomePart(record, context),
  driftPart(record, room),
  progressPart(record, Math.min(6, room)),
  containersPart(record, room),
  factsPart(record),
  warningsPart(record, Math.min(5, room)),
  approvalsPart(record, context),
  buttonsPart(record, context),
];
