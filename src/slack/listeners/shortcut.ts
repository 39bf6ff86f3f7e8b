import { requestModal } from '../render/modal-request.ts';
import { within } from './accept.ts';
import type { ListenerDeps, Visible } from './deps.ts';
import { openModal } from './open-modal.ts';
import { ShortcutPayload } from './payloads.ts';

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
  const { user, channel, message, message_ts: messageTs, trigger_id: trigger } = parsed.data;
  // A global shortcut has no channel, and rights belong to channels.
  if (channel === undefined) return;
  const visible = await look(deps, user.id, user.team_id ?? '', channel.id);
  const text = message?.text ?? '';
  const app = named(text, visible?.apps ?? []);
  const environment = named(text, visible?.environments ?? []);
  const thread = message?.thread_ts ?? message?.ts ?? messageTs;
  const view = requestModal({
    channel: channel.id,
    ...(thread === undefined ? {} : { thread }),
    ...(app === undefined ? {} : { app }),
    ...(environment === undefined ? {} : { environment }),
  });
  await openModal(deps, trigger, view, { user: user.id, channel: channel.id });
}

async function look(deps: ListenerDeps, user: string, team: string, channel: string): Promise<Visible | undefined> {
  if (deps.callbacks.visible === undefined) return undefined;
  try {
    return await within(LOOK_MS, deps.callbacks.visible(user, team, channel));
  } catch {
    return undefined;
  }
}

/** The one name that stands in the text as a word of its own; two different ones: none, because it never guesses. */
export function named(text: string, names: readonly string[]): string | undefined {
  const words = new Set(text.split(/[^\w.-]+/).flatMap((word) => [word, word.replace(/[.-]+$/, '')]));
  const hits = names.filter((name) => words.has(name));
  return hits.length === 1 ? hits[0] : undefined;
}
