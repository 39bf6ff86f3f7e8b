import { AWAY, accept, keyOf } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { SubmitPayload } from './payloads.ts';

/** Nothing closes the modal; `errors` keeps it open with words under a field. */
export type ViewAck = { response_action: 'errors'; errors: Record<string, string> } | undefined;

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
  const missing = fields.required.filter((field) => (values[field] ?? '').trim() === '');
  if (missing.length > 0)
    return ack({ response_action: 'errors', errors: Object.fromEntries(missing.map((field) => [field, 'Please choose one.'])) });
  const intake = {
    kind: 'submit' as const,
    callback: view.callback_id,
    metadata: view.private_metadata,
    values,
    user: user.id,
    team: user.team_id ?? '',
  };
  const accepted = await accept(deps, intake, keyOf('submit', view.id, view.hash, user.id));
  await ack(accepted ? undefined : { response_action: 'errors', errors: { [fields.shown]: AWAY } });
}

/** `{ app: 'my-app', reason: '…' }`: our blocks are named like their fields, with one element each. */
function valuesOf(payload: SubmitPayload): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [block, elements] of Object.entries(payload.view.state.values)) {
    for (const element of Object.values(elements)) {
      const value = element.selected_option?.value ?? element.value;
      if (typeof value === 'string' && value !== '') values[block] = value;
    }
  }
  return values;
}
