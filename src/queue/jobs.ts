import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Intake } from '../app/ports.ts';

/** What lies in the queues. A job only says "look at X"; the schemas guard against entries of another version. */

export const queueNames = {
  intake: 'intake',
  slack: 'slack',
  clock: 'clock',
  /** Encoded, because BullMQ forbids `:` in a queue's name. */
  cluster: (cluster: string) => `cluster-${encodeURIComponent(cluster)}`,
};

const text = z.string();
const maybe = z.exactOptional(text);

const intake = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('command'),
    text,
    user: text,
    team: text,
    channel: text,
    thread: maybe,
    handle: maybe,
    mention: z.exactOptional(z.boolean()),
  }),
  z.strictObject({
    kind: z.literal('click'),
    action: text,
    value: text,
    user: text,
    team: text,
    channel: text,
    message: text,
    thread: maybe,
    handle: maybe,
    home: maybe,
  }),
  z.strictObject({
    kind: z.literal('submit'),
    callback: text,
    metadata: text,
    values: z.record(text, text),
    user: text,
    team: text,
    handle: maybe,
  }),
  z.strictObject({ kind: z.literal('home'), user: text, team: text }),
  z.strictObject({ kind: z.literal('bot-mention'), channel: text, thread: text }),
  z.strictObject({ kind: z.literal('channel-changed'), channel: text, became: maybe }),
]) satisfies z.ZodType<Intake>;

/** `signature`: by the bot that took the delivery, where it has a job key. */
export const IntakeJob = z.strictObject({ key: text.min(1), intake, signature: maybe });
export type IntakeJob = z.infer<typeof IntakeJob>;

/** `plan`, `roll-out`, `grace`, `sync`, `expire`, `release`. */
export const RequestJob = z.strictObject({ id: text.min(1) });
export type RequestJob = z.infer<typeof RequestJob>;

/** `inquire`, `answer`. */
export const InquiryJob = z.strictObject({ inquiry: text.min(1) });
export type InquiryJob = z.infer<typeof InquiryJob>;

/** `announce`. */
export const AnnounceJob = z.strictObject({ announcement: text.min(1) });
export type AnnounceJob = z.infer<typeof AnnounceJob>;

export const ReconcileJob = z.strictObject({});

/** BullMQ forbids `:` and all-digit ids, and Slack's ids are not ours to trust; a hash is neither. */
const safe = (part: string): string =>
  /^[A-Za-z0-9._-]{1,80}$/.test(part) ? part : createHash('sha256').update(part).digest('hex').slice(0, 32);

/** The same event always has the same id, so that adding it twice is adding it once. */
export const jobIds = {
  intake: (key: string) => `intake-${safe(key)}`,
  plan: (id: string, attempt: string) => `plan-${safe(id)}-${safe(attempt)}`,
  rollOut: (id: string) => `roll-out-${safe(id)}`,
  grace: (id: string) => `grace-${safe(id)}`,
  inquire: (inquiry: string) => `inquire-${safe(inquiry)}`,
  sync: (id: string) => `sync-${safe(id)}`,
  answer: (inquiry: string) => `answer-${safe(inquiry)}`,
  announce: (announcement: string) => `announce-${safe(announcement)}`,
  /** With its time: an alarm that moved is another alarm. */
  expire: (id: string, at: number) => `expire-${safe(id)}-${at}`,
  release: (id: string, at: number) => `release-${safe(id)}-${at}`,
  reconcile: 'reconcile',
};
