import type { ReactNode } from 'react';
import type { PanelEvent } from '../../page-server/wire.ts';

const PULLS = new Set(['Pulling', 'Pulled', 'ErrImagePull', 'BackOff', 'Failed']);

export function Events({ events }: { events: PanelEvent[] }): ReactNode {
  return (
    <section aria-label="Events">
      <h3>Events</h3>
      <ol className="events">
        {events.map((event) => (
          <li key={event.id} className={`${event.warning ? 'warning' : ''} ${PULLS.has(event.reason) ? 'pull' : ''}`}>
            <time>
              {new Date(event.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })}
            </time>
            <b>{event.reason}</b>
            <span className="event-object">{event.object.replace(/^pod\//, '')}</span>
            <span className="event-text">
              {event.message.replace(/sha256:([0-9a-f]{7})[0-9a-f]{57}/g, '$1…')}
              {event.count > 1 && ` (${event.count}×)`}
            </span>
          </li>
        ))}
      </ol>
      {events.length === 0 && <p className="muted">Quiet.</p>}
    </section>
  );
}
