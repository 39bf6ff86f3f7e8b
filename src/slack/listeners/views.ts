import { readReason } from '../../command/values.ts';
import { readModalMetadata } from '../render/modal-request.ts';
import { AWAY, accept, keyOf, within } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { SubmitPayload } from './payloads.ts';

/** Nothing closes the modal; `errors` keeps it open with words under a field. */
export type ViewAck = { response_action: 'errors'; errors: Record<string, string> } | undefined;

const LOOK_MS = 1_000;

/** Fields of each modal, and the one under which a problem is shown. */
const FIELDS: ReadonlyMap<string, { shown: string; required: readonly string[] }> = new Map([
  ['request', { shown: 'app', required: ['app', 'environment'] }],
  ['reject', { shown: 'reason', required: [] }],
]);

/** A modal that was sent: written down, then closed. What was typed stays in the form while it cannot be written down. */
export async function onSubmit(deps: ListenerDeps, body: unknown, ack: (response: ViewAck) => Promise<void>): Promise<void> {
  const parsed = SubmitPayload.safeParse(body);
  const fields = parsed.success ? FIELDS.get(parsed.data.view.callback_id) : undefined;
  if (!parsed.success || fields === undefined) {
    await ack(undefined);
    deps.log.warn({}, 'a form that could not be read was dropped');
    return;
  }
  const { view, user } = parsed.data;
  const values = valuesOf(parsed.data);
  const errors = errorsAt(parsed.data);
  const missing = fields.required.filter((field) => (values[field] ?? '').trim() === '');
  if (missing.length > 0) return ack(errors(Object.fromEntries(missing.map((field) => [field, 'Please choose one.']))));
  const intake = {
    kind: 'submit' as const,
    callback: view.callback_id,
    metadata: view.private_metadata,
    values,
    user: user.id,
    team: user.team_id ?? '',
  };
  if (view.callback_id === 'request') {
    const wrong = await misfits(deps, parsed.data, values);
    if (Object.keys(wrong).length > 0) return ack(errors(wrong));
  }
  const accepted = await accept(deps, intake, keyOf('submit', view.id, view.hash, user.id));
  await ack(accepted ? undefined : errors({ [fields.shown]: AWAY }));
}

/**
 * What can be put right in the form is said there, at its field. Who may do what is not asked here but when the request is taken, where every
 * denial is written down; nor is anything that cannot be answered now.
 */
async function misfits(deps: ListenerDeps, payload: SubmitPayload, values: Record<string, string>): Promise<Record<string, string>> {
  const { app = '', environment = '', method = 'auto', reason = '' } = values;
  const long = readReason(reason);
  if (reason.trim() !== '' && !long.ok) return { reason: long.wrong };
  const look = deps.callbacks.choices;
  if (look === undefined) return {};
  try {
    const { channel } = readModalMetadata(payload.view.private_metadata);
    const who = { user: payload.user.id, team: payload.user.team_id ?? '', channel };
    const choices = await within(LOOK_MS, look(who, { app, environment }));
    const isTheirs = choices.environments.includes(environment);
    return {
      ...(choices.needsReason && reason.trim() === '' ? { reason: 'In an incident channel every request needs a reason.' } : {}),
      ...(isTheirs && !choices.methods.some((each) => each === method)
        ? { method: `${environment} does not allow ${method}. Allowed: ${choices.methods.join(', ')}.` }
        : {}),
    };
  } catch {
    return {};
  }
}

/** `{ app: 'my-app', reason: '…' }`: our elements are named like their fields; their blocks may have a number more. */
function valuesOf(payload: SubmitPayload): Record<string, string> {
  const values: Record<string, string> = {};
  for (const elements of Object.values(payload.view.state.values)) {
    for (const [field, element] of Object.entries(elements)) {
      const value = element.selected_option?.value ?? element.value;
      if (typeof value === 'string' && value !== '') values[field] = value;
    }
  }
  return values;
}

/** Slack wants them under the ids of blocks. */
const errorsAt =
  (payload: SubmitPayload) =>
  (wrong: Record<string, string>): ViewAck => {
    const blocks = Object.entries(payload.view.state.values);
    const blockOf = (field: string): string => blocks.find(([, elements]) => Object.hasOwn(elements, field))?.[0] ?? field;
    return { response_action: 'errors', errors: Object.fromEntries(Object.entries(wrong).map(([field, text]) => [blockOf(field), text])) };
  };
