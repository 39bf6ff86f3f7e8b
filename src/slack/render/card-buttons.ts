import type { ActionsBlock, Button, ConfirmationDialog } from '@slack/types';
import type { CardContext } from '../../app/ports-slack.ts';
import type { RequestRecord } from '../../domain/request.ts';
import { LIMITS } from './limits.ts';
import type { Part } from './rich.ts';
import { NOTHING, plainText } from './rich.ts';
import { counted, shortDigest, shortImage } from './words.ts';

export const ACTIONS = ['approve', 'reject', 'cancel', 'rollback', 'retry', 'details', 'force', 'schedule', 'pin', 'evict'] as const;
type ActionId = (typeof ACTIONS)[number];

/** Opaque: everything else is looked up. No plan yet: a dash. */
export const buttonValue = (id: string, planHash: string | undefined): string => `${id}.${planHash ?? '-'}`;

/** Only buttons that would do something in this state (product.md §7). */
function buttonsOf(record: RequestRecord, context: CardContext): ActionId[] {
  const { state, ask } = record;
  if (ask.dryRun) return ['details'];
  const rollback: ActionId[] = context.newer === true || record.rolledBackBy !== undefined ? [] : ['rollback'];
  switch (state.status) {
    case 'planning':
    case 'scheduled':
    case 'queued':
      return ['cancel', 'details'];
    case 'rolling-out':
      return record.cancelAsked === undefined ? ['cancel', 'details'] : ['details'];
    case 'awaiting-approval':
      return ['approve', 'reject', 'cancel', 'details'];
    case 'succeeded':
      return [...(record.writing === undefined ? [] : rollback), 'details'];
    case 'failed':
      return [...(state.changed ? rollback : []), 'retry', 'details'];
    case 'cancelled':
      return [...(state.changed ? rollback : []), 'details'];
    case 'expired':
      return ['retry', 'details'];
    case 'refused':
    case 'denied':
    case 'rejected':
    case 'superseded':
      return ['details'];
  }
}

export function buttonsPart(record: RequestRecord, context: CardContext): Part {
  const actions = buttonsOf(record, context);
  if (actions.length === 0) return NOTHING;
  const block: ActionsBlock = { type: 'actions', elements: actions.map((action) => button(action, record)) };
  // Not spoken: a screen reader reads the buttons themselves.
  return { lines: [], blocks: [block] };
}

const LABELS: Record<ActionId, string> = {
  approve: 'Approve',
  reject: 'Reject',
  cancel: 'Cancel',
  rollback: 'Roll back',
  retry: 'Retry',
  details: 'Details',
  force: 'Pull anyway',
  schedule: 'Schedule',
  pin: 'Pin the digest',
  evict: 'Replace the pods as they are',
};

function button(action: ActionId, record: RequestRecord): Button {
  const confirm = confirmOf(action, record);
  return {
    type: 'button',
    action_id: action,
    text: plainText(LABELS[action], LIMITS.buttonText),
    value: buttonValue(record.id, record.plan?.hash),
    ...(action === 'approve' ? { style: 'primary' as const } : {}),
    ...(action === 'reject' || action === 'rollback' ? { style: 'danger' as const } : {}),
    ...(confirm === undefined ? {} : { confirm }),
  };
}

/** A dialog that names what would happen, so that nobody approves the wrong card by habit. */
function confirmOf(action: ActionId, record: RequestRecord): ConfirmationDialog | undefined {
  const where = `${record.ask.app} in ${record.ask.environment}`;
  switch (action) {
    case 'approve':
      return approveDialog(record);
    case 'rollback':
      return dialog('Roll back?', `${where} goes back to the digests recorded before ${record.id}.`, 'Roll back', 'Keep it');
    case 'cancel':
      return record.state.status === 'rolling-out'
        ? dialog('Stop this rollout?', `${where} is rolling out. Pods that were replaced stay as they are.`, 'Stop it', 'Let it run')
        : undefined;
    default:
      return undefined;
  }
}

/** Names app, environment and digest (product.md §7), wherever the button stands. */
export const approveDialog = (record: RequestRecord): ConfirmationDialog =>
  dialog('Approve this change?', `${record.ask.app} in ${record.ask.environment} will run ${target(record)}.`, 'Approve', 'Not now');

const dialog = (title: string, text: string, confirm: string, deny: string): ConfirmationDialog => ({
  title: plainText(title, LIMITS.confirmTitle),
  text: plainText(text, LIMITS.confirmText),
  confirm: plainText(confirm, LIMITS.confirmButton),
  deny: plainText(deny, LIMITS.confirmButton),
});

/** The digest first: it is the one name that cannot move between reading and pressing. */
function target(record: RequestRecord): string {
  const concerned = (record.plan?.containers ?? []).filter((each) => each.concerned);
  const one = concerned[0];
  if (one === undefined) return 'a fresh copy of its image';
  const digest = one.registry.known ? shortDigest(one.registry.digest) : 'an image whose digest is unknown';
  const more = concerned.length === 1 ? '' : ` and ${counted(concerned.length - 1, 'more image')}`;
  return `${digest} (${shortImage(one.imageAfter)})${more}`;
}
