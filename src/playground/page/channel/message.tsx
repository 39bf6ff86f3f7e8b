import { memo, type ReactNode, useMemo, useRef, useState } from 'react';
import type { MessageView } from '../../page-server/wire.ts';
import { clockOf, fullTime } from '../blocks/date.ts';
import { Blocks } from '../blocks/blocks.tsx';
import { RichLine } from '../blocks/static-blocks.tsx';
import { Avatar } from '../frame/avatar.tsx';
import { Icon } from '../frame/icons.tsx';
import { useOutside } from '../frame/use-outside.ts';
import { usePage } from '../live/context.ts';
import { messageHost } from './message-host.ts';

export interface MessageProps {
  message: MessageView;
  /** Same author, shortly after: without avatar and name. */
  follows: boolean;
  openThread?: ((ts: string) => void) | undefined;
  dismiss?: ((ts: string) => void) | undefined;
}

export const Message = memo(function Message({ message, follows, openThread, dismiss }: MessageProps): ReactNode {
  const { actor, workspace } = usePage();
  const host = useMemo(() => messageHost(actor, { channelId: message.channelId, ts: message.ts }), [actor, message.channelId, message.ts]);
  const author = workspace.users.find((user) => user.id === message.userId);
  const name = message.isBot || !author ? message.username : author.realName || author.name;
  const isSlackbot = message.userId === 'USLACKBOT';
  return (
    <article
      className={`message ${follows ? 'follows' : ''} ${message.ephemeral ? 'ephemeral' : ''}`}
      aria-label={`${name}: ${message.text}`.slice(0, 300)}
      data-ts={message.ts}
    >
      {message.ephemeral && (
        <p className="only-you">
          <Icon name="eye" size={14} /> Only visible to you
        </p>
      )}
      {message.broadcast && message.threadTs !== undefined && openThread && (
        <p className="only-you">
          <Icon name="thread" size={14} /> replied to{' '}
          <button type="button" className="link" onClick={() => openThread(message.threadTs ?? message.ts)}>
            a thread
          </button>
        </p>
      )}
      <div className="message-row">
        <div className="message-side">
          {follows ? (
            <time className="small-time">{clockOf(message.ts).replace(/ [AP]M$/, '')}</time>
          ) : (
            <Avatar id={message.userId} name={name} app={message.isBot && !isSlackbot} />
          )}
        </div>
        <div className="message-main">
          {!follows && (
            <p className="message-head">
              <strong>{isSlackbot ? 'Slackbot' : name}</strong>
              {message.isBot && <span className="app-badge">APP</span>}
              {author?.guest && <span className="app-badge">GUEST</span>}
              <time title={fullTime(message.ts)}>{clockOf(message.ts)}</time>
            </p>
          )}
          {message.blocks.length > 0 ? <Blocks blocks={message.blocks} host={host} /> : <RichLine text={message.text} />}
          {message.edited && message.blocks.length === 0 && <span className="edited">(edited)</span>}
          {openThread && message.replies.some((reply) => !reply.ephemeral) && (
            <ThreadSummary message={message} open={() => openThread(message.ts)} />
          )}
          {message.ephemeral && dismiss && (
            <button type="button" className="link dismiss" onClick={() => dismiss(message.ts)}>
              Dismiss message
            </button>
          )}
        </div>
      </div>
      {!message.ephemeral && <Toolbar message={message} openThread={openThread} />}
    </article>
  );
});

function ThreadSummary({ message, open }: { message: MessageView; open: () => void }): ReactNode {
  const { workspace } = usePage();
  // What only this person sees is no reply: it is not counted, and a thread of nothing else is none.
  const replies = message.replies.filter((reply) => !reply.ephemeral);
  const people = [...new Set(replies.map((reply) => reply.userId))].slice(0, 4);
  const last = replies.at(-1);
  const count = replies.length;
  return (
    <button type="button" className="thread-summary" onClick={open}>
      {people.map((id) => (
        <Avatar
          key={id}
          id={id}
          name={workspace.users.find((user) => user.id === id)?.realName ?? '?'}
          app={id === workspace.botUserId}
          size={22}
        />
      ))}
      <b>
        {count} {count === 1 ? 'reply' : 'replies'}
      </b>
      <span className="muted">{last && `Last reply at ${clockOf(last.ts)}`}</span>
      <Icon name="right" size={14} />
    </button>
  );
}

function Toolbar({ message, openThread }: { message: MessageView; openThread: MessageProps['openThread'] }): ReactNode {
  const { actor, workspace } = usePage();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useOutside(box, open, () => setOpen(false));
  return (
    <div className={`toolbar ${open ? 'open' : ''}`} ref={box}>
      {openThread && (
        <button
          type="button"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => openThread(message.threadTs ?? message.ts)}
        >
          <Icon name="thread" size={16} />
        </button>
      )}
      {workspace.shortcuts.length > 0 && (
        <button type="button" aria-label="More actions" title="More actions" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="more" size={16} />
        </button>
      )}
      {open && (
        <div className="menu" role="menu">
          {workspace.shortcuts.map((shortcut) => (
            <button
              key={shortcut.callbackId}
              type="button"
              role="menuitem"
              onClick={() => {
                setOpen(false);
                void actor.do({
                  do: 'shortcut',
                  target: { channelId: message.channelId, ts: message.ts },
                  callbackId: shortcut.callbackId,
                });
              }}
            >
              <span>{shortcut.name}</span>
              <small>{workspace.botName}</small>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
