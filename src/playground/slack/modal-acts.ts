/** Filling in, submitting and closing a modal. */
import { ApiError } from './api-error.ts';
import { offeredFor } from './acting.ts';
import { isObject } from './check.ts';
import { clientError, initialValue, valueFor } from './element-values.ts';
import type { Hub } from './hub.ts';
import { ackError, ofAck } from './outcome.ts';
import { interactionBase } from './payloads.ts';
import { textOf } from './render-text.ts';
import type { Block, FieldValue, Outcome } from './types.ts';
import type { StoredView } from './views.ts';
import { readView } from './web-api/views.ts';
import type { User } from './workspace-types.ts';
import { flatBlocks } from './walk-blocks.ts';

/** Slack's words under a modal whose submission was not answered, or not in a form that it takes. */
const TROUBLE = 'We had some trouble connecting. Try again?';

type Field = { blockId: string; actionId: string; element: Record<string, unknown>; label: string; optional: boolean; dispatches: boolean };

function fieldsOf(blocks: readonly Block[]): Field[] {
  return flatBlocks(blocks).flatMap(({ block }) => {
    const { element, block_id: blockId } = block;
    if (block['type'] !== 'input' || !isObject(element) || typeof blockId !== 'string' || typeof element['action_id'] !== 'string')
      return [];
    return [
      {
        blockId,
        actionId: element['action_id'],
        element,
        label: textOf(block['label']),
        optional: block['optional'] === true,
        dispatches: block['dispatch_action'] === true,
      },
    ];
  });
}

/** Throws if there is no such field, or a person could not put this in. */
export function fill(hub: Hub, view: StoredView, name: string, value: FieldValue): void {
  const fields = fieldsOf(view.blocks);
  const field =
    fields.find((one) => one.blockId === name) ?? fields.find((one) => one.actionId === name) ?? fields.find((one) => one.label === name);
  if (field === undefined)
    throw new Error(`the modal has no field "${name}"; there is: ${fields.map((one) => `${one.blockId} "${one.label}"`).join(', ')}`);
  if (field.dispatches) throw new Error(`"${field.label}" tells the app at once: use clickModal with a value`);
  const { blockId, actionId, element } = field;
  view.values[blockId] = { ...view.values[blockId], [actionId]: valueFor(element, value, offeredFor({ view }, blockId, actionId)) };
  const { [blockId]: _gone, ...errors } = view.fieldErrors;
  view.fieldErrors = errors;
  hub.views.changed(view);
}

export async function submit(hub: Hub, user: User, view: StoredView): Promise<Outcome> {
  if (view.source['submit'] === undefined) throw new Error('the modal has nothing to submit');
  const missing = fieldsOf(view.blocks).flatMap(({ blockId, actionId, element, optional }) => {
    const problem = clientError(element, view.values[blockId]?.[actionId] ?? initialValue(element), optional);
    return problem === undefined ? [] : [[blockId, problem] as const];
  });
  view.fieldErrors = Object.fromEntries(missing);
  delete view.error;
  hub.views.changed(view);
  if (missing.length > 0) return { kind: 'refused-by-slack', acked: true, fieldErrors: view.fieldErrors };
  const triggerId = hub.handles.trigger({ userId: user.id, fromViewId: view.id });
  const ack = await hub.delivery.deliver('interactive', {
    type: 'view_submission',
    ...interactionBase(hub, user),
    trigger_id: triggerId,
    view: hub.views.payload(view),
    response_urls: [],
  });
  const outcome: Outcome = { kind: 'interaction', ...ofAck(ack), triggerId };
  const wrong = ackError(ack, 'The form');
  if (wrong !== undefined) return trouble(hub, user, view, outcome, wrong);
  try {
    return { ...outcome, ...follow(hub, user, view, ack.kind === 'acked' ? ack.payload : {}) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return trouble(hub, user, view, outcome, `the app's answer was not valid: ${error.code} ${JSON.stringify(error.extra)}`);
  }
}

function trouble(hub: Hub, user: User, view: StoredView, outcome: Outcome, why: string): Outcome {
  view.error = TROUBLE;
  hub.views.changed(view);
  hub.changes.tell({ kind: 'user-error', userId: user.id, text: `${TROUBLE} ${why}` });
  return { ...outcome, error: `${TROUBLE} ${why}` };
}

/** What the acknowledgement of a submission asks for: nothing closes the view. */
function follow(hub: Hub, user: User, view: StoredView, payload: unknown): Partial<Outcome> {
  const answer = isObject(payload) ? payload : {};
  switch (answer['response_action']) {
    case undefined:
      if (Object.keys(answer).length > 0) throw new ApiError('invalid_response');
      if (hub.views.stack(user.id).at(-1) === view) hub.views.close(user.id, false);
      return {};
    case 'errors': {
      const errors = isObject(answer['errors']) ? answer['errors'] : {};
      const fields = new Set(fieldsOf(view.blocks).map((field) => field.blockId));
      const entries = Object.entries(errors).flatMap(([key, value]) =>
        typeof value === 'string' && fields.has(key) ? [[key, value] as const] : [],
      );
      if (entries.length === 0 || entries.length !== Object.keys(errors).length) throw new ApiError('invalid_errors', { errors });
      view.fieldErrors = Object.fromEntries(entries);
      hub.views.changed(view);
      return { fieldErrors: view.fieldErrors };
    }
    case 'update':
      hub.views.update(view, readView(answer['view'], 'modal'));
      return {};
    case 'push':
      if (hub.views.push(user.id, readView(answer['view'], 'modal')) === undefined) throw new ApiError('push_limit_reached');
      return {};
    case 'clear':
      hub.views.close(user.id, true);
      return {};
    default:
      throw new ApiError('invalid_response_action');
  }
}

/** The close button. The app hears of it only where the view says `notify_on_close`. */
export async function close(hub: Hub, user: User, view: StoredView): Promise<Outcome> {
  const all = view.source['clear_on_close'] === true;
  const gone = all ? hub.views.stack(user.id) : [view];
  const told = gone.filter((one) => one.source['notify_on_close'] === true).map((one) => hub.views.payload(one));
  hub.views.close(user.id, all);
  const acks = await Promise.all(
    told.map((payload) =>
      hub.delivery.deliver('interactive', { type: 'view_closed', ...interactionBase(hub, user), view: payload, is_cleared: all }),
    ),
  );
  return { kind: 'interaction', acked: acks.every((ack) => ack.kind === 'acked') };
}
