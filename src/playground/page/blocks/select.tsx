import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { FieldValue, Option } from '../../page-server/wire.ts';
import { Icon } from '../frame/icons.tsx';
import { useOutside } from '../frame/use-outside.ts';
import { type PageContext, usePage } from '../live/context.ts';
import { Label } from './emoji.tsx';
import type { InteractiveElement } from './host.ts';

/** Milliseconds after the last key before the app is asked for suggestions. */
const TYPE_AHEAD_MS = 150;

const asOption = (value: string, text: string): Option => ({ value, text: { type: 'plain_text', text } });

/** What there is to choose from, before the app was asked. */
function ownOptions(element: InteractiveElement, page: PageContext): Option[] {
  const kind = element.type.replace(/^multi_/, '');
  if (kind === 'users_select') return page.workspace.users.map((user) => asOption(user.id, user.realName || user.name));
  if (kind === 'channels_select' || kind === 'conversations_select')
    return page.workspace.channels.map((channel) => asOption(channel.id, `#${channel.name}`));
  return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
}

function initialOptions(element: InteractiveElement, own: Option[]): Option[] {
  const ids = [
    element.initial_user,
    element.initial_channel,
    element.initial_conversation,
    ...(element.initial_users ?? []),
    ...(element.initial_channels ?? []),
    ...(element.initial_conversations ?? []),
  ];
  return [
    ...(element.initial_option ? [element.initial_option] : []),
    ...(element.initial_options ?? []),
    ...own.filter((option) => ids.includes(option.value)),
  ];
}

/** Every select of Block Kit: fixed options, people, channels, and those that the app offers while somebody types. */
export function Select({
  element,
  value,
  suggest,
  change,
  label,
}: {
  element: InteractiveElement;
  /** undefined: nobody chose yet, the initial options hold. */
  value: FieldValue;
  suggest: (typed: string) => Promise<Option[]>;
  change: (value: string | string[] | undefined) => void;
  label?: string;
}): ReactNode {
  const page = usePage();
  const own = ownOptions(element, page);
  const isMulti = element.type.startsWith('multi_');
  const isExternal = element.type.endsWith('external_select');
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [offered, setOffered] = useState<Option[]>([]);
  const [marked, setMarked] = useState(0);
  const [seen, setSeen] = useState(() => initialOptions(element, own));
  const box = useRef<HTMLDivElement>(null);
  const asked = useRef(0);
  useOutside(box, open, () => setOpen(false));

  const values = value === undefined ? initialOptions(element, own).map((option) => option.value) : [value].flat().filter(Boolean);
  const textOf = (one: string): string => [...own, ...offered, ...seen].find((option) => option.value === one)?.text.text ?? one;
  const options = isExternal ? offered : own.filter((option) => option.text.text.toLowerCase().includes(typed.toLowerCase()));

  useEffect(() => {
    if (!open || !isExternal) return undefined;
    const mine = ++asked.current;
    const timer = setTimeout(() => {
      if (typed.length < (element.min_query_length ?? 3)) return setOffered([]);
      void suggest(typed).then((answer) => {
        // A slow answer to an earlier key must not overtake a later one.
        if (mine === asked.current) setOffered(answer);
      });
    }, TYPE_AHEAD_MS);
    return () => clearTimeout(timer);
  }, [open, typed, isExternal]);

  const choose = (option: Option): void => {
    setSeen((before) => [...before.filter((one) => one.value !== option.value), option]);
    setTyped('');
    if (!isMulti) {
      setOpen(false);
      return change(option.value);
    }
    const next = values.includes(option.value) ? values.filter((one) => one !== option.value) : [...values, option.value];
    return change(next);
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setMarked((marked + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % Math.max(1, options.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const option = options[marked];
      if (open && option) choose(option);
      else setOpen(true);
    }
  };
  const shownText = values.map(textOf).join(', ');
  return (
    <div className={`select ${open ? 'open' : ''}`} ref={box}>
      <input
        type="text"
        role="combobox"
        aria-expanded={open}
        aria-label={label ?? element.placeholder?.text ?? 'Select'}
        className={shownText && !open ? 'chosen' : ''}
        placeholder={open && shownText ? shownText : (element.placeholder?.text ?? 'Select an option')}
        value={open ? typed : shownText}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setOpen(true);
          setMarked(0);
          setTyped(event.target.value);
        }}
        onKeyDown={onKey}
        onBlur={(event) => {
          if (!box.current?.contains(event.relatedTarget)) setOpen(false);
        }}
      />
      <Icon name="down" size={14} />
      {open && (
        <div className="menu options" role="listbox">
          {options.length === 0 && <div className="no-options">{isExternal && !typed ? 'Type to search' : 'No matches'}</div>}
          {options.map((option, index) => (
            <button
              key={option.value}
              type="button"
              role="option"
              aria-selected={values.includes(option.value)}
              className={index === marked ? 'marked' : ''}
              onMouseEnter={() => setMarked(index)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(option)}
            >
              <Label text={option.text.text} />
              {option.description && <small>{option.description.text}</small>}
              {values.includes(option.value) && <Icon name="check" size={14} />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
