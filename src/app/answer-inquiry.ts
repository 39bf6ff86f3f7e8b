import { hintForInquiry, isUnknownName } from './name-hints.ts';
import type { BotDeps } from './bot-deps.ts';
import type { Step } from './step.ts';

/** Shows the answer to a `check` or `--dry-run` to whoever asked, and to nobody else. A Slack that is busy or away is asked again while the inquiry lives. */
export async function answerInquiry(deps: BotDeps, id: string): Promise<Step> {
  const inquiry = await deps.inquiries.load(id);
  if (inquiry?.answer === undefined) return 'done';
  const { answer } = inquiry;
  const hint = isUnknownName(answer) ? await hintForInquiry(deps, inquiry) : undefined;
  const result = await deps.channel.tell(inquiry.listener, hint ?? answer);
  if (result.ok) return 'done';
  if (result.because === 'rate-limited') return { again: result.retryAfterMs };
  if (result.because === 'unknown') return { again: 2_000 };
  deps.log.warn({ inquiry: id, because: result.because }, 'an answer could not be shown');
  return 'done';
}
