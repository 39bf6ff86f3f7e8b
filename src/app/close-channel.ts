import type { BotDeps } from './bot-deps.ts';

/** A channel that is shared, archived or out of reach is no place to decide anything: what waits there expires. What rolls out already goes on. */
export async function closeChannel(deps: BotDeps, channel: string): Promise<void> {
  const facts = await deps.directory.channel(channel);
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
