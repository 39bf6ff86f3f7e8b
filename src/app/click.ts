import { decide } from '../domain/decide.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { Answer, Offer } from './answers.ts';
import { noSuch } from './ask-requests.ts';
import { whoAndWhere, type BotDeps } from './bot-deps.ts';
import { cancel } from './cancel.ts';
import { noteDenied } from './note-denied.ts';
import type { Intake } from './ports.ts';
import { rollBack } from './request-rollback.ts';
import { submitAsk } from './request-repull.ts';
import type { Call } from './run-command.ts';
import { approve } from './settle-approval.ts';
import { answerPressed } from './show-home.ts';
import { standsOn } from './stands-on.ts';

type Click = Extract<Intake, { kind: 'click' }>;

/** A button's value: which request, and which plan of it the person was looking at. */
export interface Pressed {
  record: RequestRecord;
  planHash: string;
}

/** Every click gets an answer: it did something that the card shows, or the person is told why not. */
export async function click(deps: BotDeps, intake: Click, key: string): Promise<void> {
  const who = await whoAndWhere(deps, intake.user, intake.team, intake.channel);
  const listener = {
    channel: intake.channel,
    user: intake.user,
    ...(intake.thread === undefined ? {} : { thread: intake.thread }),
    ...(intake.handle === undefined ? {} : { handle: intake.handle }),
  };
  const call: Call = { ...who, user: intake.user, team: intake.team, listener, key };
  const pressed = await findPressed(deps, intake);
  const answer = pressed === undefined ? noSuch('like that') : await act(deps, call, intake.action, pressed);
  if (pressed !== undefined) await noteDenied(deps, call, pressed.record, intake.action, answer);
  await answerPressed(deps, call, intake.home, answer);
}

/** Buttons under a refusal. */
const OFFERS: readonly string[] = ['force', 'schedule', 'pin', 'evict'] satisfies Offer['action'][];

/** The value must belong to the message it was clicked on: a copied or altered button finds nothing. */
async function findPressed(deps: BotDeps, intake: Click): Promise<Pressed | undefined> {
  const [id = '', planHash = ''] = intake.value.split('.');
  const record = await deps.store.load(id);
  if (record === undefined || record.channel !== intake.channel) return undefined;
  // Offers stand on an ephemeral answer, which only the requester was shown and which has no lasting ts.
  if (OFFERS.includes(intake.action)) return record.requester === intake.user ? { record, planHash } : undefined;
  return (await standsOn(deps, id, intake.message)) ? { record, planHash } : undefined;
}

async function act(deps: BotDeps, call: Call, action: string, pressed: Pressed): Promise<Answer | undefined> {
  const { record } = pressed;
  switch (action) {
    case 'approve':
      return approve(deps, call, pressed);
    case 'cancel':
      return cancel(deps, call, record);
    case 'rollback':
      return rollBack(deps, call, record);
    case 'retry':
      return record.ask.kind === 'rollback' ? retryRollback(deps, call, record) : again(deps, call, record, {});
    case 'force':
      return again(deps, call, record, { ...later(record), force: true });
    case 'schedule':
      return again(deps, call, record, { at: 'window' });
    case 'pin':
      return again(deps, call, record, { ...later(record), via: 'pin' });
    case 'evict':
      return again(deps, call, record, { ...later(record), via: 'evict' });
    default:
      return { kind: 'click-refused', text: 'repull does not know this button; it may be from another version. Nothing was changed.' };
  }
}

/** What was asked for later does not happen now, because a button was pressed under its refusal. */
const later = ({ ask: { at, atLocal } }: RequestRecord): Partial<RequestRecord['ask']> => ({
  ...(at === undefined ? {} : { at }),
  ...(atLocal === undefined ? {} : { atLocal }),
});

async function retryRollback(deps: BotDeps, call: Call, record: RequestRecord): Promise<Answer | undefined> {
  const undone = record.ask.undoes === undefined ? undefined : await deps.store.load(record.ask.undoes);
  return undone === undefined ? noSuch(record.ask.undoes ?? 'like that') : rollBack(deps, call, undone);
}

/** The same ask as a new request of whoever clicked, authorised anew. */
async function again(deps: BotDeps, call: Call, record: RequestRecord, change: Partial<RequestRecord['ask']>): Promise<Answer | undefined> {
  const { at: _at, atLocal: _local, ...asked } = record.ask;
  const ask = { ...asked, ...change };
  const decision = decide(deps.policy(), call.actor, call.place, ask.kind === 'rollback' ? 'rollback' : 'request', ask);
  if (decision.verdict === 'deny') return { kind: 'denied', decision, app: ask.app, environment: ask.environment };
  return submitAsk(deps, call, ask, decision);
}
