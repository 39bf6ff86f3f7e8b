import type { ActionsBlock } from '@slack/types';
import type { Answer, Offer } from '../../app/answers.ts';
import { sentence } from './announcement.ts';
import { decisionLines, deniedLines } from './answer-denied.ts';
import { planParts } from './answer-plan.ts';
import { buttonValue } from './card-buttons.ts';
import { checkLines } from './card-check.ts';
import { warningLines } from './card-facts.ts';
import { renderCard } from './card.ts';
import { helpParts } from './answer-help.ts';
import { freezeLine, historyLines, requestRows, statusLines } from './answer-requests.ts';
import { failurePart } from './failure.ts';
import { first, LIMITS, listed } from './limits.ts';
import type { Line, Part, Rendered } from './rich.ts';
import { compose, contextPart, joined, NOTHING, plainText, sectionPart } from './rich.ts';
import { counted, STATE_EMOJI, STATE_WORDS } from './words.ts';

/** Slash commands do not work in threads: what is to be typed there is a mention. */
export const renderInThread = (answer: Answer): Rendered => renderAnswer(mentioning(answer));

const mention = (text: string): string => text.replaceAll('/repull ', '@repull ');

function mentioning(answer: Answer): Answer {
  if (answer.kind === 'usage' && answer.corrected !== undefined) return { ...answer, corrected: mention(answer.corrected) };
  if (answer.kind === 'history' && answer.older !== undefined) return { ...answer, older: mention(answer.older) };
  if (answer.kind !== 'failure' || answer.failure.remedy === undefined) return answer;
  return { ...answer, failure: { ...answer.failure, remedy: mention(answer.failure.remedy) } };
}

/** Everything that is said to one person only: one exhaustive switch. */
export function renderAnswer(answer: Answer): Rendered {
  switch (answer.kind) {
    case 'planning':
      return say([[`Planning ${answer.app} in ${answer.environment} …`, ...(answer.id === '' ? [] : [' ', { code: answer.id }])]]);
    case 'help':
      return compose(helpParts(answer.text));
    case 'usage':
      return say([
        [answer.wrong],
        ...(answer.corrected === undefined ? [] : [['Try: ', { code: answer.corrected }] as Line]),
        ...(answer.usage === undefined ? [] : [['Usage: ', { code: answer.usage }] as Line]),
      ]);
    case 'failure':
      return compose([refusedHead(answer), failurePart(answer.failure), checkPart(answer.containers ?? []), offers(answer.offer ?? [])]);
    case 'denied':
      return compose([
        sectionPart([[{ bold: `${STATE_WORDS.denied} ${STATE_EMOJI.denied}${aboutWhat(answer)}` }], ...deniedLines(answer.decision)]),
        idPart(answer.id),
      ]);
    case 'joined':
      return say([
        ['The same thing is being done already: ', { code: answer.id }, '. You will be told how it ends.'],
        ...(answer.link === undefined ? [] : [sentence(answer.link)]),
      ]);
    case 'dry-run':
      return compose([
        sectionPart([
          [{ bold: `Dry run 🔎 · ${answer.app} in ${answer.environment}` }],
          ['Nothing was changed. This is what would happen:'],
        ]),
        ...planParts(answer.plan),
        sectionPart(decisionLines(answer.decision)),
      ]);
    case 'check':
      return compose([
        sectionPart([[{ bold: `Check 🔎 · ${answer.app} in ${answer.environment}` }]]),
        checkPart(answer.containers),
        sectionPart(warningLines(answer.warnings).slice(0, 10)),
      ]);
    case 'status':
      return compose([
        sectionPart((answer.freezes ?? []).slice(0, 10).map(freezeLine)),
        ...requestRows(answer.rows.map(statusLines), 'Nothing is running, queued or waiting for approval.', 20),
      ]);
    case 'history':
      return compose([
        ...requestRows(answer.records.map(historyLines), 'Nothing like that is on record.', 20),
        answer.older === undefined ? NOTHING : contextPart(['Older: ', { code: answer.older }]),
      ]);
    case 'show':
      return withoutButtons(renderCard(answer.record, { newer: true }));
    case 'can-i':
      return compose([
        ...rows(
          answer.rows.map(
            (row): Line => [
              row.decision.verdict === 'deny' ? '⛔ ' : '✅ ',
              { bold: row.verb },
              ` ${row.app} in ${row.environment}: `,
              ...joined(decisionLines(row.decision), ' '),
            ],
          ),
          'There is nothing that you may do here.',
          25,
        ),
        sectionPart(answer.notes.slice(0, 10).map((note): Line => sentence(note))),
      ]);
    case 'apps':
      return compose(
        rows(
          answer.rows.map(
            (row): Line => [
              { bold: row.app },
              row.aliases.length === 0 ? '' : ` (also ${listed(row.aliases, 4)})`,
              `: ${listed(row.environments, 8)}`,
            ],
          ),
          'There is no app that you may see here.',
          60,
        ),
      );
    case 'envs':
      return compose(
        rows(
          answer.rows.map(
            (row): Line => [
              row.open ? '🟢 open ' : '🔴 closed ',
              { bold: row.environment },
              ` on ${row.cluster}`,
              row.note === '' ? '' : `: ${row.note}`,
            ],
          ),
          'There is no environment that you may see here.',
          60,
        ),
      );
    case 'done':
      return say([sentence(answer.text)]);
    case 'click-refused':
      return say([['That did nothing: ', ...sentence(answer.text)]]);
  }
}

const say = (lines: readonly Line[]): Rendered => compose([sectionPart(lines)]);
/** A star is every app, or every environment: what was denied concerns none in particular. */
const aboutWhat = ({ app, environment }: { app: string; environment: string }): string =>
  environment === '*' ? '' : ` · ${app === '*' ? '' : `${app} in `}${environment}`;

const idPart = (id: string | undefined): Part => (id === undefined ? NOTHING : contextPart([{ code: id }]));

function refusedHead(answer: Extract<Answer, { kind: 'failure' }>): Part {
  const about = answer.app === undefined ? '' : ` · ${answer.app}${answer.environment === undefined ? '' : ` in ${answer.environment}`}`;
  const title: Line = [{ bold: `${STATE_WORDS.refused} ${STATE_EMOJI.refused}${about}` }];
  return sectionPart([answer.id === undefined ? title : [...title, '  ', { code: answer.id }]]);
}

const checkPart = (containers: Parameters<typeof checkLines>[0]): Part => {
  const { shown, more } = first(containers, 12);
  const parts = shown.map((each) => sectionPart(checkLines([each])));
  const tail = more === 0 ? NOTHING : sectionPart([[`… and ${counted(more, 'more container')}`]]);
  return { lines: [...parts, tail].flatMap((part) => part.lines), blocks: [...parts, tail].flatMap((part) => part.blocks) };
};

function offers(offered: readonly Offer[]): Part {
  if (offered.length === 0) return NOTHING;
  const block: ActionsBlock = {
    type: 'actions',
    elements: offered.slice(0, 5).map((offer) => ({
      type: 'button',
      action_id: offer.action,
      text: plainText(offer.label, LIMITS.buttonText),
      value: buttonValue(offer.id, undefined),
    })),
  };
  return { lines: [], blocks: [block] };
}

/** A list as a few sections: ten lines each, so that none comes near the limit of one. */
function rows(lines: readonly Line[], none: string, max: number): Part[] {
  if (lines.length === 0) return [sectionPart([[none]])];
  const { shown, more } = first(lines, max);
  const parts: Part[] = [];
  for (let from = 0; from < shown.length; from += 10) parts.push(sectionPart(shown.slice(from, from + 10)));
  return more === 0 ? parts : [...parts, sectionPart([[`… and ${more} more`]])];
}

const withoutButtons = (rendered: Rendered): Rendered => ({
  ...rendered,
  blocks: rendered.blocks.filter((block) => block.type !== 'actions'),
});
