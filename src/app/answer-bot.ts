import { setTimeout as sleep } from 'node:timers/promises';
import type { BotDeps } from './bot-deps.ts';
import type { Intake } from './ports.ts';

/** While the channel's turn to post is not ours yet, milliseconds in all. */
const WAIT_WITHIN = 20_000;

/** A bot that mentioned us gets one word in its thread. A reply that was lost is not repeated: twice would be a conversation. */
export async function answerBot(deps: BotDeps, { channel, thread }: Extract<Intake, { kind: 'bot-mention' }>): Promise<void> {
  for (let waited = 0; ; ) {
    const result = await deps.channel.announce(channel, 'repull takes requests from people only; nothing was changed.', thread);
    if (result.ok) return;
    if (result.because !== 'rate-limited' || waited + result.retryAfterMs > WAIT_WITHIN)
      return deps.log.warn({ channel, because: result.because }, 'a bot could not be answered');
    await sleep(result.retryAfterMs);
    waited += result.retryAfterMs;
  }
}
