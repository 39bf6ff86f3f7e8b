import type { CardContext } from '../../app/ports-slack.ts';
import type { RequestRecord } from '../../domain/request.ts';
import { buttonsPart } from './card-buttons.ts';
import { containersPart } from './card-containers.ts';
import { approvalsPart, factsPart, warningsPart } from './card-facts.ts';
import { headPart } from './card-head.ts';
import { outcomePart } from './card-outcome.ts';
import { driftPart } from './card-drift.ts';
import { progressPart } from './card-progress.ts';
import type { Rendered } from './rich.ts';
import { compose } from './rich.ts';

/**
 * The card of a request: state first, then how it stands, then the facts behind it, then what can be done. A pure function of record and
 * context, without a clock, so that equal input is equal output and an unchanged card is never sent twice.
 */
export const renderCard = (record: RequestRecord, context: CardContext): Rendered =>
  compose([
    headPart(record, context),
    outcomePart(record),
    driftPart(record),
    progressPart(record),
    containersPart(record),
    factsPart(record),
    warningsPart(record),
    approvalsPart(record, context),
    buttonsPart(record, context),
  ]);
