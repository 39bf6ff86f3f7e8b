import type { BotDeps } from './bot-deps.ts';

/** Shows the answer to a `check` or `--dry-run` to whoever asked, and to nobody else. */
export async function answerInquiry(deps: BotDeps, id: string): Promise<void> {
  const inquiry = await deps.inquiries.load(id);
  if (inquiry?.answer === undefined) return;
  const result = await deps.channel.tell(inquiry.listener, inquiry.answer);
  if (!result.ok) deps.log.warn({ inquiry: id, because: result.because }, 'an answer could not be shown');
}
