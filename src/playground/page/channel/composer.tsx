import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Icon } from '../frame/icons.tsx';
import { usePage } from '../live/context.ts';
import { complete } from './completion.ts';

/** What somebody else put into the composer: the tour, or a button. `n` makes the same text new again. */
export interface Draft {
  text: string;
  n: number;
}

export function Composer({
  label,
  threadTs,
  channelId,
  draft,
  sent,
}: {
  label: string;
  channelId: string;
  threadTs?: string;
  draft?: Draft | undefined;
  sent?: () => void;
}): ReactNode {
  const { actor, workspace } = usePage();
  const [text, setText] = useState('');
  const [marked, setMarked] = useState(0);
  const [hidden, setHidden] = useState(false);
  const [broadcast, setBroadcast] = useState(false);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const isThread = threadTs !== undefined;

  useEffect(() => {
    if (!draft) return;
    setText(draft.text);
    setHidden(true);
    input.current?.focus();
  }, [draft]);
  useEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, 160)}px`;
  }, [text]);

  const people = [
    { name: workspace.botName, about: 'app' },
    ...workspace.users.filter((user) => !user.bot).map((user) => ({ name: user.name, about: user.realName })),
    ...workspace.groups.map((group) => ({ name: group.name, about: 'user group' })),
  ];
  const offer = complete(text, workspace.hints, people, isThread);
  const items = hidden ? [] : (offer?.items ?? []);
  const chosen = items[Math.min(marked, items.length - 1)];

  const write = (next: string): void => {
    setText(next);
    setMarked(0);
    setHidden(false);
  };
  const take = (insert: string): void => {
    write(text.slice(0, offer?.from ?? 0) + insert);
    input.current?.focus();
  };
  const send = async (): Promise<void> => {
    const message = text.trim();
    if (!message || busy) return;
    setBusy(true);
    write('');
    sent?.();
    try {
      const outcome = await actor.do({
        do: 'type',
        channel: channelId,
        text: message,
        ...(isThread ? { thread: threadTs, broadcast } : {}),
      });
      // What Slack did not take stays in the composer, as it does there.
      if (!outcome || outcome.kind === 'refused-by-slack') setText((now) => now || message);
    } finally {
      setBusy(false);
    }
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (items.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setMarked((marked + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length);
    } else if (chosen && (event.key === 'Tab' || (event.key === 'Enter' && !text.endsWith(chosen.insert.trim())))) {
      event.preventDefault();
      take(chosen.insert);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape') {
      setHidden(true);
    }
  };
  return (
    <div className="composer-place">
      {(items.length > 0 || (!hidden && offer?.usage)) && (
        <div className="completions" role="listbox" aria-label="Suggestions">
          {offer?.usage && <p className="usage">{offer.usage}</p>}
          {items.length > 0 && <p className="menu-heading">{offer?.heading}</p>}
          {items.map((item) => (
            <button
              key={item.title}
              type="button"
              role="option"
              aria-selected={item === chosen}
              className={item === chosen ? 'marked' : ''}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(item.insert)}
            >
              <b>{item.title}</b>
              <span>{item.about}</span>
              {item === chosen && <kbd>Tab</kbd>}
            </button>
          ))}
        </div>
      )}
      <div className="composer">
        <textarea
          ref={input}
          rows={1}
          aria-label={label}
          placeholder={label}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKey}
        />
        <div className="composer-bar">
          {!isThread && (
            <button type="button" aria-label="Slash command" title="Slash command" onClick={() => take('/repull ')}>
              <Icon name="slash" size={16} />
            </button>
          )}
          <button
            type="button"
            aria-label="Mention repull"
            title={`Mention ${workspace.botName}`}
            onClick={() => write(`@${workspace.botName} ${text}`)}
          >
            <Icon name="at" size={16} />
          </button>
          {isThread && (
            <label className="broadcast">
              <input type="checkbox" checked={broadcast} onChange={(event) => setBroadcast(event.target.checked)} /> Also send to the
              channel
            </label>
          )}
          <button type="button" className="send" aria-label="Send" disabled={!text.trim() || busy} onClick={() => void send()}>
            <Icon name="send" size={16} />
          </button>
        </div>
      </div>
    </div>
  );
}
