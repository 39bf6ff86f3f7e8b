import { usageLine } from '../command/usage.ts';
import { readName, readReason } from '../command/values.ts';
import type { Answer } from './answers.ts';
import { whoAndWhere, type BotDeps } from './bot-deps.ts';
import { noteDenied } from './note-denied.ts';
import type { Intake } from './ports.ts';
import { requestRepull } from './request-repull.ts';
import type { Call } from './run-command.ts';
import { reject } from './settle-approval.ts';
import { answerPressed } from './show-home.ts';
import { standsOn } from './stands-on.ts';
import { isMethod } from '../domain/method.ts';

type Submit = Extract<Intake, { kind: 'submit' }>;

/**
 * A modal that was sent: `reject` (metadata `<channel> <request>.<plan hash> <message> [hash of the App Home]`, value `reason`) or `request` (metadata `<channel> [thread or -] …`,
 * values `app`, `environment`, `method`, `reason`). Authorised like the command or click that it stands for.
 */
export async function submit(deps: BotDeps, intake: Submit, key: string): Promise<void> {
  const [channel = '', rest, message = '', home] = intake.metadata.split(' ');
  const who = await whoAndWhere(deps, intake.user, intake.team, channel);
  const thread = intake.callback === 'request' && rest !== undefined && rest !== '' && rest !== '-' ? { thread: rest } : {};
  const listener = { channel, user: intake.user, ...thread, ...(intake.handle === undefined ? {} : { handle: intake.handle }) };
  const call: Call = { ...who, user: intake.user, team: intake.team, listener, key };
  const answer =
    intake.callback === 'reject'
      ? await rejectFrom(deps, call, { value: rest ?? '', message }, intake.values)
      : await requestFrom(deps, call, intake.values);
  await answerPressed(deps, call, intake.callback === 'reject' ? home : undefined, answer);
}

/** Bound like a click to the message whose button opened the modal. */
async function rejectFrom(deps: BotDeps, call: Call, pressed: { value: string; message: string }, values: Record<string, string>) {
  const [id = '', planHash = ''] = pressed.value.split('.');
  const record = await deps.store.load(id);
  if (record === undefined || record.channel !== call.listener.channel || !(await standsOn(deps, id, pressed.message)))
    return { kind: 'click-refused' as const, text: 'There is no such request here.' };
  const answer = await reject(deps, call, { record, planHash }, values['reason']?.trim() ?? '');
  await noteDenied(deps, call, record, 'reject', answer);
  return answer;
}

/** A form can be forged: what it says is read like what is typed. */
async function requestFrom(deps: BotDeps, call: Call, values: Record<string, string>): Promise<Answer | undefined> {
  const { app = '', environment = '', method = 'auto', reason = '' } = values;
  const read = [readName(app, 'app'), readName(environment, 'environment'), ...(reason.trim() === '' ? [] : [readReason(reason)])];
  for (const each of read) if (!each.ok) return { kind: 'usage', wrong: each.wrong };
  if (method === 'set-image')
    return { kind: 'usage', wrong: 'The form cannot say which image: use --tag or --image.', usage: usageLine('repull') };
  const options = {
    via: isMethod(method) ? method : ('auto' as const),
    dryRun: false,
    force: false,
    forceDelete: false,
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
  };
  return requestRepull(deps, call, { verb: 'repull', app, environment, options });
}
