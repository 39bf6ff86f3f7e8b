import type { ActionsBlock, HomeView, KnownBlock } from '@slack/types';
import type { HomeContent, HomeRow } from '../../app/ports-slack.ts';
import { votesOf } from '../../domain/request.ts';
import { renderAnswer } from './answer.ts';
import { approveDialog, buttonValue } from './card-buttons.ts';
import { headline } from './card-head.ts';
import { first, LIMITS } from './limits.ts';
import type { Line } from './rich.ts';
import { context, joined, link, person, plainText, section, when } from './rich.ts';
import { sentence } from './announcement.ts';

export function renderHome(content: HomeContent): HomeView {
  const blocks: KnownBlock[] = [
    ...notice(content),
    heading(`Waiting for my approval (${content.approvals.length})`),
    ...list(content.approvals, 10, 'Nothing waits for you.', true),
    { type: 'divider' },
    heading(`Running (${content.running.length})`),
    ...list(content.running, 10, 'Nothing is running.', false),
    { type: 'divider' },
    heading('Recent'),
    ...list(content.recent, 10, 'Nothing happened yet.', false),
    { type: 'divider' },
    heading('What I may do, and why'),
    ...rights(content.rights),
  ];
  return { type: 'home', blocks: blocks.slice(0, LIMITS.viewBlocks) };
}

/** The answer to what was pressed here, without its buttons: they belong to a message. */
function notice({ notice }: HomeContent): KnownBlock[] {
  if (notice === undefined) return [];
  return [...renderAnswer(notice).blocks.filter((block) => block.type !== 'actions'), { type: 'divider' }];
}

const heading = (text: string): KnownBlock => ({ type: 'header', text: plainText(text, LIMITS.header) });

function list(rows: readonly HomeRow[], max: number, none: string, withButtons: boolean): KnownBlock[] {
  if (rows.length === 0) return [context([none])];
  const { shown, more } = first(rows, max);
  const blocks = shown.flatMap((row) => [section([title(row), detail(row)]), ...(withButtons ? buttons(row) : [])]);
  return more === 0 ? blocks : [...blocks, context([`… and ${more} more; /repull status shows them`])];
}

const title = (row: HomeRow): Line => [
  { bold: headline(row.record) },
  ...(row.card?.permalink === undefined ? [] : ['  ', link(row.card.permalink, 'Open the card')]),
];

const detail = ({ record }: HomeRow): Line =>
  joined([
    [{ code: record.id }],
    ['by ', person(record.requester)],
    [when(record.createdAt)],
    record.state.status === 'awaiting-approval' && record.decision.verdict === 'ask'
      ? [`${votesOf(record)} of ${record.decision.votes} approvals, expires `, when(record.state.expiresAt)]
      : undefined,
    record.ask.reason === undefined ? undefined : [`“${record.ask.reason.slice(0, 200)}”`],
  ]);

/** A click here is checked like one on the card, so its value names the card. */
function buttons({ record, card }: HomeRow): KnownBlock[] {
  if (card === undefined) return [];
  const value = `${buttonValue(record.id, record.plan?.hash)}@${card.channel}/${card.ts}`;
  const button = (action: string, label: string) => ({
    type: 'button' as const,
    action_id: action,
    text: plainText(label, LIMITS.buttonText),
    value,
  });
  const block: ActionsBlock = {
    type: 'actions',
    elements: [
      {
        ...button('approve', 'Approve'),
        style: 'primary',
        confirm: approveDialog(record),
      },
      { ...button('reject', 'Reject'), style: 'danger' },
      button('details', 'Details'),
    ],
  };
  return [block];
}

function rights(lines: readonly string[]): KnownBlock[] {
  if (lines.length === 0) return [context(['No rule of the policy names you. Ask whoever runs repull here.'])];
  const { shown, more } = first(lines, 60);
  const blocks: KnownBlock[] = [];
  for (let from = 0; from < shown.length; from += 10) blocks.push(section(shown.slice(from, from + 10).map((line) => sentence(line))));
  return more === 0 ? blocks : [...blocks, context([`… and ${more} more; /repull can-i shows one at a time`])];
}
