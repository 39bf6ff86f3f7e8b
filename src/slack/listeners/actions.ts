import { ACTIONS } from '../render/card-buttons.ts';
import { detailsModal, missingModal } from '../render/modal-details.ts';
import { rejectModal } from '../render/modal-reject.ts';
import { AWAY, accept, keyOf, within } from './accept.ts';
import { makeChoose } from './choose.ts';
import type { ListenerDeps } from './deps.ts';
import { openModal } from './open-modal.ts';
import { ActionPayload } from './payloads.ts';

const DETAILS_MS = 1_500;

interface Pressed {
  action: string;
  actionTs: string;
  value: string;
  user: string;
  team: string;
  channel: string;
  message: string;
  thread?: string;
  /** Pressed on the App Home: its hash. */
  home?: string;
  ephemeral: boolean;
  trigger?: string;
  responseUrl?: string;
}

export function makeActions(deps: ListenerDeps): (body: unknown, ack: () => Promise<void>) => Promise<void> {
  const onChoice = makeChoose(deps);
  return async (body, ack) => onAction(deps, body, ack, onChoice);
}

/** A button: written down, then acknowledged. Reject and Details open a modal instead, because their trigger lives 3 s. */
async function onAction(
  deps: ListenerDeps,
  body: unknown,
  ack: () => Promise<void>,
  onChoice: ReturnType<typeof makeChoose>,
): Promise<void> {
  const parsed = ActionPayload.safeParse(body);
  if (!parsed.success) {
    await ack();
    deps.log.warn({}, 'a click that could not be read was dropped');
    return;
  }
  if (parsed.data.view?.callback_id === 'request') return onChoice(parsed.data, ack);
  const pressed = pressedOf(parsed.data);
  // A select inside a modal or of the App Home: its value comes with the submission.
  if (pressed === undefined) return ack();
  if (pressed.action === 'reject') {
    await ack();
    return openModal(deps, pressed.trigger, rejectModal(pressed), pressed);
  }
  if (pressed.action === 'details') {
    await ack();
    return showDetails(deps, pressed);
  }
  await enqueue(deps, pressed, ack);
}

async function enqueue(deps: ListenerDeps, pressed: Pressed, ack: () => Promise<void>): Promise<void> {
  const inThread = pressed.thread !== undefined && pressed.thread !== pressed.message;
  // A response_url cannot answer one person inside a thread; an ephemeral message can.
  const handle = inThread && !pressed.ephemeral ? undefined : deps.handles.keep(pressed.responseUrl, { replaces: pressed.ephemeral });
  const intake = {
    kind: 'click' as const,
    action: pressed.action,
    value: pressed.value,
    user: pressed.user,
    team: pressed.team,
    channel: pressed.channel,
    message: pressed.message,
    ...(inThread && pressed.thread !== undefined ? { thread: pressed.thread } : {}),
    ...(handle === undefined ? {} : { handle }),
    ...(pressed.home === undefined ? {} : { home: pressed.home }),
  };
  const key = keyOf('click', pressed.channel, pressed.message, pressed.action, pressed.actionTs, pressed.user);
  const accepted = await accept(deps, intake, key);
  await ack();
  if (!accepted) await sayAway(deps, pressed);
}

/** A click's acknowledgement has no text, so the words go as a message to whoever clicked. */
async function sayAway(deps: ListenerDeps, pressed: Pressed): Promise<void> {
  // Whoever looks at the App Home does not see what is said in a channel.
  if (pressed.home !== undefined) return openModal(deps, pressed.trigger, missingModal(AWAY), pressed);
  await deps.clients.interactive.chat
    .postEphemeral({
      channel: pressed.channel,
      user: pressed.user,
      text: AWAY,
      ...(pressed.thread === undefined ? {} : { thread_ts: pressed.thread }),
    })
    .catch(() => deps.log.error({ channel: pressed.channel }, 'a click was not accepted, and the person could not be told'));
}

async function showDetails(deps: ListenerDeps, pressed: Pressed): Promise<void> {
  const [request = ''] = pressed.value.split('.');
  const look = deps.callbacks.details;
  let view = missingModal('There is no such request that you may see here.');
  try {
    const record =
      look === undefined
        ? undefined
        : await within(DETAILS_MS, look(request, pressed.user, pressed.team, { channel: pressed.channel, message: pressed.message }));
    if (record !== undefined) view = detailsModal(record);
  } catch {
    view = missingModal('The details cannot be read right now. Try again in a minute.');
  }
  await openModal(deps, pressed.trigger, view, pressed);
}

/** Undefined where it is not one of our buttons on a message or on the App Home. */
function pressedOf(body: ActionPayload): Pressed | undefined {
  const [action] = body.actions;
  if (action === undefined) return undefined;
  const channel = body.channel?.id ?? body.container?.channel_id;
  const message = body.container?.message_ts ?? body.message?.ts;
  const known = (ACTIONS as readonly string[]).includes(action.action_id);
  if (channel === undefined || message === undefined) return known && body.view?.type === 'home' ? fromHome(body, action) : undefined;
  const thread = body.container?.thread_ts ?? body.message?.thread_ts;
  return {
    action: action.action_id,
    actionTs: action.action_ts,
    value: action.value,
    user: body.user.id,
    // Unknown workspace, unknown person: the directory says no to an empty one.
    team: body.user.team_id ?? '',
    channel,
    message,
    ...(thread === undefined ? {} : { thread }),
    ephemeral: body.container?.is_ephemeral === true,
    ...(body.trigger_id === undefined ? {} : { trigger: body.trigger_id }),
    ...(body.response_url === undefined ? {} : { responseUrl: body.response_url }),
  };
}

/** On the App Home a button's value also names the channel and the message of the card that it stands for: `<id>.<hash>@<channel>/<ts>`. */
function fromHome(body: ActionPayload, action: ActionPayload['actions'][number]): Pressed | undefined {
  const match = /^([^@]+)@([CG][A-Z0-9]+)\/(\d+\.\d+)$/.exec(action.value);
  if (match === null) return undefined;
  const [, value = '', channel = '', message = ''] = match;
  return {
    action: action.action_id,
    actionTs: action.action_ts,
    value,
    user: body.user.id,
    team: body.user.team_id ?? '',
    channel,
    message,
    home: body.view?.hash ?? '',
    ephemeral: false,
    ...(body.trigger_id === undefined ? {} : { trigger: body.trigger_id }),
  };
}
