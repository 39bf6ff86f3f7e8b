import { Fragment, type ReactNode, useLayoutEffect, useRef } from 'react';
import type { MessageView } from '../../page-server/wire.ts';
import { dayOf } from '../blocks/date.ts';
import { Message } from './message.tsx';

/** Seconds within which a second message of the same person hangs under the first. */
const TOGETHER_S = 300;
/** How far from the end still counts as "reading the end", in pixels. */
const NEAR_END = 120;

function hangsUnder(message: MessageView, before: MessageView | undefined): boolean {
  return (
    before !== undefined &&
    before.userId === message.userId &&
    before.ephemeral === message.ephemeral &&
    !message.ephemeral &&
    !message.broadcast &&
    before.replies.length === 0 &&
    Number(message.ts) - Number(before.ts) < TOGETHER_S
  );
}

/** Stays at the end while somebody reads the end, and leaves them alone where they scrolled up. */
export function MessageList({
  messages,
  openThread,
  dismiss,
  intro,
}: {
  messages: MessageView[];
  openThread?: (ts: string) => void;
  dismiss: (ts: string) => void;
  intro?: ReactNode;
}): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const stay = (): void => {
    const element = list.current;
    if (element && isAtEnd.current) element.scrollTop = element.scrollHeight;
  };
  useLayoutEffect(stay, [messages]);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const watcher = new ResizeObserver(stay);
    watcher.observe(element);
    if (element.firstElementChild) watcher.observe(element.firstElementChild);
    return () => watcher.disconnect();
  }, []);
  const now = new Date();
  return (
    <div
      className="message-list"
      ref={list}
      role="log"
      aria-label="Messages"
      // biome-ignore lint: a scrolling region must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
      }}
    >
      <div className="message-stack">
        {intro}
        {messages.map((message, index) => {
          const before = messages[index - 1];
          const day = dayOf(message.ts, now);
          const isNewDay = openThread !== undefined && (!before || dayOf(before.ts, now) !== day);
          return (
            <Fragment key={message.ts}>
              {isNewDay && (
                <div className="day-line">
                  <span>{day}</span>
                </div>
              )}
              <Message message={message} follows={!isNewDay && hangsUnder(message, before)} openThread={openThread} dismiss={dismiss} />
            </Fragment>
          );
        })}
      </div>
    </div>
  );
}
