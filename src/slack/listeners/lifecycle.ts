import { accept, keyOf } from './accept.ts';
import type { ListenerDeps } from './deps.ts';

const CHANNEL_EVENTS = new Set([
  'channel_archive',
  'channel_unarchive',
  'channel_deleted',
  'channel_rename',
  'channel_shared',
  'channel_unshared',
  'channel_id_changed',
  'group_archive',
  'group_unarchive',
  'group_deleted',
  'group_rename',
]);

/** Channels and groups that changed are asked anew at the next click; the use cases hear of a channel that may have closed. */
export async function onLifecycle(deps: ListenerDeps, type: string, event: Record<string, unknown>, eventId: string): Promise<void> {
  if (type.startsWith('subteam_')) {
    deps.directory.forgetGroups();
    return;
  }
  if (type === 'app_uninstalled' || type === 'tokens_revoked') {
    deps.log.error({ event: type }, 'repull was taken out of the workspace: cards stop, rollouts go on');
    return;
  }
  if (!CHANNEL_EVENTS.has(type)) return;
  const channels = ['channel', 'old_channel_id', 'new_channel_id'].flatMap((field) => channelIn(event[field]));
  const [newId] = type === 'channel_id_changed' ? channelIn(event['new_channel_id']) : [];
  for (const channel of channels) {
    deps.directory.forgetChannel(channel);
    const became = newId === undefined || newId === channel ? {} : { became: newId };
    const accepted = await accept(deps, { kind: 'channel-changed', channel, ...became }, keyOf('event', eventId, channel));
    if (!accepted) throw new Error('not written down; Slack brings it again');
  }
}

function channelIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string') return [value.id];
  return [];
}
