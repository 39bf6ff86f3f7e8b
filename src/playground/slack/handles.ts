/** One-shot handles: trigger ids (3 s, once) and response URLs (5 uses, 30 min). */
import { LIMITS } from './limits.ts';
import type { Random } from './random.ts';
import type { Clock } from './types.ts';

export interface Trigger {
  userId: string;
  /** The view in which the user acted, if it was one: only such a trigger may push. */
  fromViewId?: string;
}

export interface ResponseUrl {
  readonly key: string;
  readonly channelId: string;
  readonly userId: string;
  /** The message that was acted on; for a command the last answer that it got. */
  originalTs?: string;
  readonly origin: 'command' | 'message';
  uses: number;
  readonly expiresAt: number;
}

export interface Handles {
  trigger(trigger: Trigger): string;
  /** Looks only; `spend` uses it up. The words are those of the method pages. */
  findTrigger(id: unknown): Trigger | 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';
  spendTrigger(id: string): void;
  responseUrl(handle: Omit<ResponseUrl, 'key' | 'uses' | 'expiresAt'>): { key: string; path: string };
  findResponseUrl(key: string): ResponseUrl | 'unknown_url' | 'expired_url' | 'used_url';
}

export function makeHandles(deps: { clock: Clock; random: Random; teamId: string }): Handles {
  const { clock, random, teamId } = deps;
  const triggers = new Map<string, { trigger: Trigger; at: number; spent: boolean }>();
  const urls = new Map<string, ResponseUrl>();
  return {
    trigger(trigger) {
      const id = `${clock.now()}.${random.below(1_000_000)}.${random.hex(32)}`;
      triggers.set(id, { trigger, at: clock.now(), spent: false });
      return id;
    },
    findTrigger(id) {
      const known = typeof id === 'string' ? triggers.get(id) : undefined;
      if (known === undefined) return 'invalid_trigger_id';
      if (known.spent) return 'exchanged_trigger_id';
      return clock.now() - known.at > LIMITS.triggerMs ? 'expired_trigger_id' : known.trigger;
    },
    spendTrigger(id) {
      const known = triggers.get(id);
      if (known !== undefined) known.spent = true;
    },
    responseUrl(handle) {
      const key = random.hex(24);
      urls.set(key, { ...handle, key, uses: 0, expiresAt: clock.now() + LIMITS.responseUrl.ms });
      return { key, path: `/${handle.origin === 'command' ? 'commands' : 'actions'}/${teamId}/${random.below(1e9)}/${key}` };
    },
    findResponseUrl(key) {
      const known = urls.get(key);
      if (known === undefined) return 'unknown_url';
      if (clock.now() > known.expiresAt) return 'expired_url';
      return known.uses >= LIMITS.responseUrl.uses ? 'used_url' : known;
    },
  };
}
