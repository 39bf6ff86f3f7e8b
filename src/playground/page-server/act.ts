import { z } from 'zod';
import type { LocalSlack } from '../slack/types.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { Act, ActAnswer } from './wire.ts';

const text = z.string().max(12_000);
const place = z.object({ channelId: text, ts: text });
const action = z.object({ actionId: text, blockId: text.optional() });
const value = z.union([text, z.array(text).max(100)]);

/** What the page may ask; anything else is a bug of the page, or not the page. */
const ActSchema: z.ZodType<{ as: string; act: Act }> = z.object({
  as: text,
  act: z.discriminatedUnion('do', [
    z.object({ do: z.literal('type'), channel: text, text, thread: text.optional(), broadcast: z.boolean().optional() }),
    z.object({ do: z.literal('click'), target: place, action }),
    z.object({ do: z.literal('select'), target: place, action, value }),
    z.object({ do: z.literal('suggest'), target: place.optional(), action, typed: text }),
    z.object({ do: z.literal('shortcut'), target: place, callbackId: text }),
    z.object({ do: z.literal('modal-act'), action, value: value.optional() }),
    z.object({ do: z.literal('submit'), fields: z.record(z.string(), value.optional()) }),
    z.object({ do: z.literal('close-modal') }),
    z.object({ do: z.literal('open-home') }),
    z.object({ do: z.literal('home-act'), action, value: value.optional() }),
    z.object({ do: z.literal('push'), ref: text, crash: z.boolean().optional() }),
  ]),
}) as z.ZodType<{ as: string; act: Act }>;

/** Throws with words for people when the body is not an act. */
export function parseAct(body: unknown): { as: string; act: Act } {
  const parsed = ActSchema.safeParse(body);
  if (!parsed.success) throw new Error(`not something the page can do: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const withValue = (chosen: string | string[] | undefined): { value?: string | string[] } => (chosen === undefined ? {} : { value: chosen });

/** Does it as this person. What Slack or the registry refuses comes back as an outcome or a problem, never as a throw. */
export async function perform(slack: LocalSlack, cluster: ClusterSource, as: string, act: Act): Promise<ActAnswer> {
  try {
    return await performOrThrow(slack, cluster, as, act);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function performOrThrow(slack: LocalSlack, cluster: ClusterSource, as: string, act: Act): Promise<ActAnswer> {
  const person = slack.as(as);
  switch (act.do) {
    case 'type':
      return {
        outcome: await person.type(act.channel, act.text, {
          ...(act.thread === undefined ? {} : { threadTs: act.thread }),
          ...(act.broadcast === undefined ? {} : { broadcast: act.broadcast }),
        }),
      };
    case 'click':
      return { outcome: await person.click(act.target, act.action) };
    case 'select':
      return { outcome: await person.select(act.target, act.action, act.value) };
    case 'suggest':
      return { options: await person.suggest(act.target, act.action, act.typed) };
    case 'shortcut':
      return { outcome: await person.shortcut(act.target, act.callbackId) };
    case 'modal-act':
      return { outcome: await person.clickModal(act.action, withValue(act.value)) };
    case 'submit':
      for (const [field, filled] of Object.entries(act.fields)) person.fill(field, filled);
      return { outcome: await person.submit() };
    case 'close-modal':
      return { outcome: await person.closeModal() };
    case 'open-home':
      return { outcome: await person.openHome() };
    case 'home-act':
      return { outcome: await person.clickHome(act.action, withValue(act.value)) };
    case 'push':
      if (!cluster.push) throw new Error('There is no registry here that this page may push to.');
      return { pushed: await cluster.push(act.ref, { crash: act.crash ?? false }) };
  }
}
