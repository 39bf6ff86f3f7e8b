/** Buttons, menus, options and shortcuts: from what a person points at to the payload that the app gets. */
import { payloadChannelName } from './directory.ts';
import { type ElementValue, holdsValue, initialValue, isOption, optionsOf, valueFor } from './element-values.ts';
import { isObject } from './check.ts';
import type { Found } from './find-action.ts';
import type { Hub } from './hub.ts';
import type { StoredMessage } from './messages.ts';
import { ackError, notice, ofAck, refused } from './outcome.ts';
import { interactionBase, messagePayload } from './payloads.ts';
import { textOf } from './render-text.ts';
import type { FieldValue, Option, Outcome } from './types.ts';
import type { StoredView } from './views.ts';
import type { User } from './workspace-types.ts';
import { elementsOf, flatBlocks } from './walk-blocks.ts';

export type Surface = { message: StoredMessage } | { view: StoredView };

/** What people chose in a message's menus: per person, as long as the message is there. */
const chosen = new WeakMap<StoredMessage, Map<string, StoredView['values']>>();

function messageState(user: User, message: StoredMessage): StoredView['values'] {
  const mine = chosen.get(message)?.get(user.id) ?? {};
  const values: StoredView['values'] = {};
  for (const { block } of flatBlocks(message.blocks)) {
    for (const { element } of elementsOf(block)) {
      const [id, action] = [String(block['block_id'] as string), String(element['action_id'] as string)];
      if (holdsValue(element)) values[id] = { ...values[id], [action]: mine[id]?.[action] ?? initialValue(element) };
    }
  }
  return values;
}

function surfacePayload(hub: Hub, user: User, surface: Surface): Record<string, unknown> {
  if ('view' in surface) return { container: { type: 'view', view_id: surface.view.id }, view: hub.views.payload(surface.view) };
  const { message } = surface;
  const channel = hub.directory.channels.get(message.channelId);
  const ephemeral = message.ephemeralFor !== undefined;
  return {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channelId,
      is_ephemeral: ephemeral,
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: message.channelId, name: channel === undefined ? '' : payloadChannelName(channel) },
    /** An ephemeral message is not stored at Slack: its payload does not carry it. */
    ...(ephemeral ? {} : { message: messagePayload(hub, message) }),
    state: { values: messageState(user, message) },
  };
}

const actionTs = (hub: Hub): string => hub.messages.nextTs();

/** One entry of `actions`. */
function actionPayload(hub: Hub, found: Found, value: ElementValue | undefined): Record<string, unknown> {
  const { element } = found;
  const carried = ['action_id', 'type', 'text', 'value', 'style', 'placeholder', 'confirm', 'initial_option'];
  return {
    ...Object.fromEntries(Object.entries(element).filter(([key]) => carried.includes(key))),
    block_id: found.blockId,
    ...value,
    action_ts: actionTs(hub),
  };
}

const nameOf = (found: Found): string => (found.element['text'] === undefined ? 'The choice' : `"${textOf(found.element['text'])}"`);

/** Sends a block_actions payload; `value` is what was chosen, for everything that is no button. */
export async function act(hub: Hub, user: User, surface: Surface, found: Found, value: FieldValue): Promise<Outcome> {
  const { element, blockId } = found;
  const actionId = String(element['action_id'] as string);
  const isButton = element['type'] === 'button' || element['type'] === 'icon_button';
  const given = found.option ?? value;
  if (!isButton && given === undefined) throw new Error(`${actionId} needs a value`);
  const held = isButton ? undefined : valueFor(element, given, offeredFor(surface, blockId, actionId));
  if (held !== undefined && holdsValue(element)) remember(user, surface, blockId, actionId, held);
  const triggerId = hub.handles.trigger({ userId: user.id, ...('view' in surface ? { fromViewId: surface.view.id } : {}) });
  const responseUrl =
    'message' in surface
      ? hub.origin() +
        hub.handles.responseUrl({
          channelId: surface.message.channelId,
          userId: user.id,
          originalTs: surface.message.ts,
          origin: 'message',
        }).path
      : undefined;
  const ack = await hub.delivery.deliver('interactive', {
    type: 'block_actions',
    ...interactionBase(hub, user),
    ...surfacePayload(hub, user, surface),
    trigger_id: triggerId,
    ...(responseUrl === undefined ? {} : { response_url: responseUrl }),
    actions: [actionPayload(hub, found, held)],
  });
  return settled(
    hub,
    user,
    surface,
    { kind: 'interaction', ...ofAck(ack), triggerId, ...(responseUrl === undefined ? {} : { responseUrl }) },
    ackError(ack, nameOf(found)),
  );
}

function settled(hub: Hub, user: User, surface: Surface, outcome: Outcome, wrong: string | undefined): Outcome {
  if (wrong === undefined) return outcome;
  if ('message' in surface) {
    const { channelId, threadTs } = surface.message;
    notice(hub, user, wrong, { channelId, ...(threadTs === undefined ? {} : { threadTs }) });
  } else {
    surface.view.error = wrong;
    hub.views.changed(surface.view);
    hub.changes.tell({ kind: 'user-error', userId: user.id, text: wrong });
  }
  return { ...outcome, error: wrong };
}

function remember(user: User, surface: Surface, blockId: string, actionId: string, value: ElementValue): void {
  if ('view' in surface) {
    surface.view.values[blockId] = { ...surface.view.values[blockId], [actionId]: value };
    return;
  }
  const people = chosen.get(surface.message) ?? new Map<string, StoredView['values']>();
  const mine = people.get(user.id) ?? {};
  people.set(user.id, { ...mine, [blockId]: { ...mine[blockId], [actionId]: value } });
  chosen.set(surface.message, people);
}

const offeredInMessage = new WeakMap<StoredMessage, Map<string, Option[]>>();
export const offeredFor = (surface: Surface, blockId: string, actionId: string): Option[] =>
  ('view' in surface ? surface.view.offered : offeredInMessage.get(surface.message))?.get(`${blockId}/${actionId}`) ?? [];

/** Asks the app what it offers for what was typed; below the element's `min_query_length` (default 3) nothing is asked. */
export async function suggest(hub: Hub, user: User, surface: Surface, found: Found, typed: string): Promise<Option[]> {
  const { element, blockId } = found;
  const actionId = String(element['action_id'] as string);
  if (!String(element['type'] as string).includes('external'))
    return optionsOf(element).filter((option) => option.text.text.includes(typed));
  const least = element['min_query_length'];
  if (typed.length < (typeof least === 'number' ? least : 3)) return [];
  const ack = await hub.delivery.deliver('interactive', {
    type: 'block_suggestion',
    ...interactionBase(hub, user),
    ...surfacePayload(hub, user, surface),
    action_id: actionId,
    block_id: blockId,
    value: typed,
  });
  const answer = ack.kind === 'acked' && isObject(ack.payload) ? ack.payload : {};
  const options = optionsOf(answer);
  const given = [answer['options'], answer['option_groups']].find(Array.isArray);
  const wrong =
    ackError(ack, 'The list') ??
    (given === undefined || options.length > 100 || !options.every(fitsOption) ? 'The app offered no valid list.' : undefined);
  if (wrong !== undefined) {
    hub.changes.tell({ kind: 'user-error', userId: user.id, text: wrong });
    return [];
  }
  const offered = 'view' in surface ? surface.view.offered : (offeredInMessage.get(surface.message) ?? new Map<string, Option[]>());
  offered.set(`${blockId}/${actionId}`, options);
  if ('message' in surface) offeredInMessage.set(surface.message, offered);
  return options;
}
const fitsOption = (option: Option): boolean => isOption(option) && option.text.text.length <= 75 && option.value.length <= 75;

/** A message shortcut. Only people of the installing workspace have it. */
export async function shortcut(hub: Hub, user: User, message: StoredMessage, callbackId: string): Promise<Outcome> {
  const known = hub.app.shortcuts.find((one) => one.callbackId === callbackId);
  if (known === undefined) throw new Error(`the app has no shortcut ${callbackId}`);
  if (message.ephemeralFor !== undefined) throw new Error('ephemeral messages have no shortcuts');
  const place = { channelId: message.channelId, ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }) };
  if (user.teamId !== hub.directory.teamId) return refused(hub, user, `${known.name} is not available to you.`, place);
  const triggerId = hub.handles.trigger({ userId: user.id });
  const handle = hub.handles.responseUrl({ channelId: message.channelId, userId: user.id, originalTs: message.ts, origin: 'message' });
  const responseUrl = hub.origin() + handle.path;
  const channel = hub.directory.channels.get(message.channelId);
  const ack = await hub.delivery.deliver('interactive', {
    type: 'message_action',
    ...interactionBase(hub, user),
    callback_id: callbackId,
    trigger_id: triggerId,
    response_url: responseUrl,
    action_ts: actionTs(hub),
    message_ts: message.ts,
    channel: { id: message.channelId, name: channel === undefined ? '' : payloadChannelName(channel) },
    message: messagePayload(hub, message),
  });
  return settled(hub, user, { message }, { kind: 'interaction', ...ofAck(ack), triggerId, responseUrl }, ackError(ack, known.name));
}
