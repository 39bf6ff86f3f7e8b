import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelFacts } from '../domain/policy.ts';
import type { BotDeps } from './bot-deps.ts';

/** A Slack that does not answer for a moment has closed no channel: so often it is asked, with this pause between (milliseconds). */
const LOOKS = 3;
const PAUSE = 2_000;

export async function lookPatiently(deps: BotDeps, channel: string): Promise<ChannelFacts> {
  for (let look = 1; ; look++) {
    const facts = await deps.directory.channel(channel);
    if (facts.kind !== 'unknown' || look === LOOKS) return facts;
    await sleep(PAUSE);
  }
}

/** A channel that is shared, archived or out of reach is no place to decide anything: what waits there expires. What rolls out already goes on. */
export async function closeChannel(deps: BotDeps, channel: string): Promise<void> {
  const facts = await lookPatiently(deps, channel);
  if (!facts.shared && !facts.archived && facts.kind !== 'unknown') return;
  const waiting = (await deps.store.open()).filter(
    (record) => record.channel === channel && (record.state.status === 'awaiting-approval' || record.state.status === 'scheduled'),
  );
  for (const record of waiting) {
    await deps.store.transition({
      id: record.id,
      from: { version: record.version },
      to: { status: 'expired', because: 'channel' },
      milestones: [
        { kind: 'notice', text: 'This channel was shared, archived or left by repull, so nothing can be decided here any more.' },
      ],
      actor: 'repull:clock',
      actionId: `channel-${record.version}`,
    });
    await deps.queues.sync(record.id, true);
  }
}
