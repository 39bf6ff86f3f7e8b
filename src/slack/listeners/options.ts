import type { Option } from '@slack/types';
import { LIMITS } from '../render/limits.ts';
import { plainText } from '../render/rich.ts';
import { within } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { OptionsPayload } from './payloads.ts';

const LOOK_MS = 2_000;

/** Type-ahead of the request modal: only what this person may see in the channel that the modal was opened from. Everybody else: nothing. */
export async function onOptions(deps: ListenerDeps, body: unknown, ack: (response: { options: Option[] }) => Promise<void>): Promise<void> {
  await ack({ options: await optionsFor(deps, body) });
}

async function optionsFor(deps: ListenerDeps, body: unknown): Promise<Option[]> {
  const parsed = OptionsPayload.safeParse(body);
  const look = deps.callbacks.visible;
  if (!parsed.success || look === undefined) return [];
  const { user, action_id: field, value: typed, view } = parsed.data;
  const [channel = ''] = (view?.private_metadata ?? '').split(' ');
  if (channel === '' || (field !== 'app' && field !== 'environment')) return [];
  try {
    const visible = await within(LOOK_MS, look(user.id, user.team_id ?? '', channel));
    return best(field === 'app' ? visible.apps : visible.environments, typed).map(optionOf);
  } catch {
    return [];
  }
}

const optionOf = (name: string): Option => ({ text: plainText(name, LIMITS.optionText), value: name });

/** Names that begin with what was typed first, then those that hold it. A name too long to be a value is left out, not cut. */
function best(names: readonly string[], typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  const fits = names.filter((name) => name.length <= LIMITS.optionValue && name.toLowerCase().includes(wanted));
  const rank = (name: string): number => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return fits.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b)).slice(0, LIMITS.options);
}
