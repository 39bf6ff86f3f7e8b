import { channelList } from '../render/announcement.ts';
import { missingModal } from '../render/modal-details.ts';
import { requestModal, type RequestModal } from '../render/modal-request.ts';
import { within } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { openModal } from './open-modal.ts';
import { ShortcutPayload } from './payloads.ts';
import { namedIn, wordsOn } from './read-message.ts';

/** Half of what the trigger lives: the modal must still open. */
const LOOK_MS = 1_200;

/** "Repull from here": the request modal, with app and environment filled in where the message names ones that this person may see. */
export async function onShortcut(deps: ListenerDeps, body: unknown, ack: () => Promise<void>): Promise<void> {
  const parsed = ShortcutPayload.safeParse(body);
  await ack();
  if (!parsed.success) {
    deps.log.warn({}, 'a shortcut that could not be read was dropped');
    return;
  }
  const { user, channel, message, trigger_id: trigger } = parsed.data;
  // A global shortcut has no channel, and rights belong to channels.
  if (channel === undefined) return;
  const who = { user: user.id, team: user.team_id ?? '', channel: channel.id };
  const found = await read(deps, who, message === undefined ? '' : wordsOn(message));
  const to = { user: user.id, channel: channel.id };
  if ('nothing' in found) return openModal(deps, trigger, missingModal(found.nothing), to);
  // A message without replies has no thread yet, and what is said to one person in a thread that is not there is shown nowhere.
  const thread = message?.thread_ts;
  const view = requestModal({ channel: channel.id, ...(thread === undefined ? {} : { thread }), ...found });
  await openModal(deps, trigger, view, to);
}

type Who = Parameters<NonNullable<ListenerDeps['callbacks']['choices']>>[0];
/** `nothing`: why there is no form. */
type Found = { nothing: string } | Omit<RequestModal, 'channel' | 'thread'>;

/** Only what may be asked for, together, by this person, here; undecided or too late: nothing is filled in. */
async function read(deps: ListenerDeps, who: Who, text: string): Promise<Found> {
  const { visible, choices } = deps.callbacks;
  if (visible === undefined || choices === undefined) return {};
  try {
    return await within(LOOK_MS, fill(visible, choices, who, text));
  } catch {
    return {};
  }
}

/** A form in which nothing can be chosen would be a riddle, and in a direct message its answer could not be shown. */
async function fill(
  visible: NonNullable<ListenerDeps['callbacks']['visible']>,
  choices: NonNullable<ListenerDeps['callbacks']['choices']>,
  who: Who,
  text: string,
): Promise<Found> {
  const [{ aliases, channels }, open] = await Promise.all([visible(who.user, who.team, who.channel), choices(who, {})]);
  if (who.channel.startsWith('D'))
    return { nothing: `repull is not used in direct messages; nothing was changed. ${channelList(channels)}` };
  if (open.environments.length === 0) return { nothing: `There is nothing that you may ask for here. ${channelList(channels)}` };
  const { app, environment } = namedIn(text, {
    apps: open.apps,
    environments: open.environments,
    ...(aliases === undefined ? {} : { aliases }),
  });
  const fitting = await choices(who, { ...(app === undefined ? {} : { app }), ...(environment === undefined ? {} : { environment }) });
  const fits = environment !== undefined && fitting.environments.includes(environment);
  return {
    ...(app === undefined ? {} : { app }),
    ...(fits ? { environment, methods: fitting.methods } : {}),
    needsReason: fitting.needsReason,
  };
}
