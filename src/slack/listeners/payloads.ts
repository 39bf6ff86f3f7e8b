import { z } from 'zod';

/** What we read of Slack's payloads, and nothing else: they are parsed at the door, and strings are bounded. */
const id = z.string().min(1).max(64);
const text = z.string().max(40_000);

export const CommandPayload = z.object({
  command: z.string().max(100),
  text: text.default(''),
  user_id: id,
  team_id: id,
  channel_id: id,
  channel_name: z.string().max(200).default(''),
  trigger_id: z.string().min(1).max(500),
  response_url: z.string().max(2000).optional(),
});

/** `team_id` of the clicker may be that of another workspace, or missing: then nobody knows who that is. */
const User = z.object({ id, team_id: id.optional() });
const Container = z.object({
  type: z.string().optional(),
  message_ts: z.string().optional(),
  channel_id: id.optional(),
  thread_ts: z.string().optional(),
  is_ephemeral: z.boolean().optional(),
});

/** What a field of a form holds. */
const StateValue = z.object({
  type: z.string().optional(),
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
});

export const ActionPayload = z.object({
  type: z.literal('block_actions'),
  user: User,
  channel: z.object({ id }).optional(),
  container: Container.optional(),
  message: z.object({ ts: z.string().optional(), thread_ts: z.string().optional() }).optional(),
  view: z
    .object({
      id,
      type: z.string().optional(),
      hash: z.string().max(200).optional(),
      callback_id: z.string().max(255).optional(),
      private_metadata: z.string().max(3000).optional(),
      state: z.object({ values: z.record(z.string(), z.record(z.string(), StateValue)) }).optional(),
    })
    .optional(),
  trigger_id: z.string().max(500).optional(),
  response_url: z.string().max(2000).optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string().min(1).max(255),
        action_ts: z.string().max(64).default(''),
        value: z.string().max(2000).default(''),
      }),
    )
    .min(1),
});
export type ActionPayload = z.infer<typeof ActionPayload>;

export const SubmitPayload = z.object({
  type: z.literal('view_submission'),
  user: User,
  view: z.object({
    id,
    hash: z.string().max(200).default(''),
    callback_id: z.string().max(255),
    private_metadata: z.string().max(3000).default(''),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), StateValue)) }),
  }),
});
export type SubmitPayload = z.infer<typeof SubmitPayload>;

export const OptionsPayload = z.object({
  user: User,
  action_id: z.string().max(255),
  value: z.string().max(1000).default(''),
  view: z.object({ private_metadata: z.string().max(3000).default('') }).optional(),
});

export const ShortcutPayload = z.object({
  type: z.enum(['message_action', 'shortcut']),
  callback_id: z.string().max(255),
  user: User,
  trigger_id: z.string().min(1).max(500),
  channel: z.object({ id }).optional(),
  message: z
    .object({
      text: text.optional(),
      thread_ts: z.string().optional(),
      blocks: z.unknown().optional(),
      attachments: z.unknown().optional(),
    })
    .optional(),
});

export const EventPayload = z.object({
  event_id: z.string().min(1).max(200),
  team_id: id.optional(),
  event: z.looseObject({ type: z.string().max(100) }),
});

export const MentionEvent = z.object({
  user: id.optional(),
  bot_id: id.optional(),
  text,
  channel: id,
  ts: z.string().max(64),
  thread_ts: z.string().max(64).optional(),
  team: id.optional(),
  user_team: id.optional(),
  edited: z.unknown().optional(),
});
