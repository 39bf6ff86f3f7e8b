import type { BotDeps } from './bot-deps.ts';

/** Whether this message is the request's card or stands in its thread. */
export async function standsOn(deps: Pick<BotDeps, 'deliveries'>, id: string, message: string): Promise<boolean> {
  const delivery = await deps.deliveries.delivery(id);
  return delivery.card?.ts === message || Object.values(delivery.posted).includes(message);
}
