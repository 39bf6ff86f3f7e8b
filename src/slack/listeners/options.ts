import type { Option } from '@slack/types';
import { LIMITS } from '../render/limits.ts';
import { readModalMetadata } from '../render/modal-request.ts';
import { plainText } from '../render/rich.ts';
import { within } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { OptionsPayload } from './payloads.ts';

const LOOK_MS = 2_000;

/** Nobody types this fast for a minute; a script that copies the list does. */
const LOOKS_PER_MINUTE = 120;
const MINUTE = 60_000;

/** Type-ahead of the request modal: only what this person may see in the channel that the modal was opened from. Everybody else: nothing. */
export function makeOptions(
  deps: ListenerDeps,
  now: () => number = Date.now,
): (body: unknown, ack: (response: { options: Option[] }) => Promise<void>) => Promise<void> {
  const looks = new Map<string, { since: number; count: number }>();
  const mayLook = (user: string): boolean => {
    if (looks.size > 1_000) looks.clear();
    const kept = looks.get(user);
    const current = kept === undefined || now() - kept.since >= MINUTE ? { since: now(), count: 0 } : kept;
    current.count += 1;
    looks.set(user, current);
    return current.count <= LOOKS_PER_MINUTE;
  };
  return async (body, ack) => ack({ options: await optionsFor(deps, body, mayLook) });
}

async function optionsFor(deps: ListenerDeps, body: unknown, mayLook: (user: string) => boolean): Promise<Option[]> {
  const parsed = OptionsPayload.safeParse(body);
  const look = deps.callbacks.choices;
  if (!parsed.success || look === undefined) return [];
  const { user, action_id: field, value: typed, view } = parsed.data;
  const { channel, app, environment } = readModalMetadata(view?.private_metadata ?? '');
  if (channel === '' || (field !== 'app' && field !== 'environment') || !mayLook(user.id)) return [];
  try {
    // Whoever has chosen an app and wants another one is not kept to what the chosen environment holds: that is then chosen anew.
    const chosen =
      app === undefined ? (environment === undefined || field === 'environment' ? {} : { environment }) : field === 'app' ? {} : { app };
    const choices = await within(LOOK_MS, look({ user: user.id, team: user.team_id ?? '', channel }, chosen));
    return best(field === 'app' ? choices.apps : choices.environments, typed).map(optionOf);
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
