import { parse } from '../../command/parse.ts';
import { channelList } from '../render/announcement.ts';
import { clean, escape } from '../render/escape.ts';
import { cut } from '../render/limits.ts';
import { requestModal } from '../render/modal-request.ts';
import { AWAY, accept, keyOf, within } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { openModal } from './open-modal.ts';
import { CommandPayload } from './payloads.ts';

/** What goes into the acknowledgement of a command; undefined acknowledges without a word. */
export type CommandAck = { response_type: 'ephemeral'; text: string } | undefined;

const ephemeral = (text: string): CommandAck => ({ response_type: 'ephemeral', text });
const POINTER_MS = 1_500;

/** Writes the command down, then acknowledges. Only the bare command opens a modal here, because its trigger lives 3 s. */
export async function onCommand(deps: ListenerDeps, body: unknown, ack: (response: CommandAck) => Promise<void>): Promise<void> {
  const parsed = CommandPayload.safeParse(body);
  if (!parsed.success) return ack(ephemeral(`repull could not read this command; nothing was changed`));
  const command = parsed.data;
  if (!command.command.startsWith('/repull')) return ack(ephemeral(`repull answers to /repull, not to ${escape(clean(command.command))}.`));
  if (command.channel_id.startsWith('D') || command.channel_name === 'directmessage') return ack(await pointer(deps, command));
  if (clean(command.text).trim() === '') {
    await ack(undefined);
    return openModal(deps, command.trigger_id, requestModal({ channel: command.channel_id }), {
      user: command.user_id,
      channel: command.channel_id,
    });
  }
  const planning = planningText(command.text);
  const handle = deps.handles.keep(command.response_url, { replaces: planning !== undefined });
  const intake = {
    kind: 'command' as const,
    text: command.text,
    user: command.user_id,
    team: command.team_id,
    channel: command.channel_id,
    ...(handle === undefined ? {} : { handle }),
  };
  if (!(await accept(deps, intake, keyOf('command', command.trigger_id)))) return ack(ephemeral(AWAY));
  await ack(planning === undefined ? undefined : ephemeral(planning));
}

/** The first word to the person, where a plan is on its way. Names are checked later, and unknown ones are answered then. */
export function planningText(text: string): string | undefined {
  const parsed = parse(text, { source: 'slash', prefix: '/repull', apps: [], environments: [] });
  if (!('verb' in parsed) || (parsed.verb !== 'repull' && parsed.verb !== 'rollback')) return undefined;
  return `Planning ${escape(clean(cut(parsed.app, 80)))} in ${escape(clean(cut(parsed.environment, 80)))} …`;
}

/** Direct messages have no channel rules, so nothing is done from them; this says where it can be. */
async function pointer(deps: ListenerDeps, command: { user_id: string; team_id: string; channel_id: string }): Promise<CommandAck> {
  const refusal = 'repull is not used in direct messages; nothing was changed.';
  const look = deps.callbacks.visible;
  try {
    const channels =
      look === undefined ? [] : (await within(POINTER_MS, look(command.user_id, command.team_id, command.channel_id))).channels;
    return ephemeral(`${refusal} ${channelList(channels)}`);
  } catch {
    return ephemeral(`${refusal} ${channelList([])}`);
  }
}
