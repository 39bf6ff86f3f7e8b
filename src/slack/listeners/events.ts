import type { ListenerDeps } from './deps.ts';
import { makeHome } from './home.ts';
import { onLifecycle } from './lifecycle.ts';
import { makeMention } from './mention.ts';
import { EventPayload } from './payloads.ts';

/** Events API: done before they are acknowledged. What cannot be read is dropped, what cannot be written down throws. */
export function makeEvents(deps: ListenerDeps): (body: unknown) => Promise<void> {
  const onMention = makeMention(deps);
  const onHome = makeHome(deps);
  return async (body) => {
    const parsed = EventPayload.safeParse(body);
    if (!parsed.success) {
      deps.log.warn({}, 'an event that could not be read was dropped');
      return;
    }
    const { event, event_id: eventId } = parsed.data;
    if (event.type === 'app_mention') return onMention(event, eventId);
    if (event.type === 'app_home_opened') return onHome(event, eventId);
    return onLifecycle(deps, event.type, event, eventId);
  };
}
