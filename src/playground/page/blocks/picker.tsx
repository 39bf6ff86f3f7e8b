import { type ReactNode, useId, useState } from 'react';
import type { FieldValue } from '../../page-server/wire.ts';
import type { InteractiveElement } from './host.ts';
import { RichLine } from './static-blocks.tsx';

const initialSeconds = (element: InteractiveElement): string => {
  if (!element.initial_date_time) return '';
  const date = new Date(element.initial_date_time * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

/** Dates, times, checkboxes and radio buttons: the browser's own controls. */
export function Picker({
  element,
  value,
  change,
  label,
}: {
  element: InteractiveElement;
  value: FieldValue;
  change: (value: string | string[]) => void;
  label?: string;
}): ReactNode {
  const group = useId();
  const [own, setOwn] = useState<FieldValue>(undefined);
  const set = (next: string | string[]): void => {
    setOwn(next);
    change(next);
  };
  const current = value ?? own;
  const name = label ?? element.placeholder?.text ?? 'Choose';
  if (element.type === 'datepicker') {
    return (
      <input type="date" aria-label={name} value={String(current ?? element.initial_date ?? '')} onChange={(e) => set(e.target.value)} />
    );
  }
  if (element.type === 'timepicker') {
    return (
      <input type="time" aria-label={name} value={String(current ?? element.initial_time ?? '')} onChange={(e) => set(e.target.value)} />
    );
  }
  if (element.type === 'datetimepicker') {
    return (
      <input
        type="datetime-local"
        aria-label={name}
        defaultValue={initialSeconds(element)}
        onChange={(e) => set(String(Math.floor(new Date(e.target.value).getTime() / 1000)))}
      />
    );
  }
  const isRadio = element.type === 'radio_buttons';
  const initial = isRadio ? [element.initial_option?.value ?? ''] : (element.initial_options ?? []).map((option) => option.value);
  const chosen = current === undefined ? initial : [current].flat();
  return (
    <fieldset className="choices" aria-label={name}>
      {(element.options ?? []).map((option) => (
        <label key={option.value}>
          <input
            type={isRadio ? 'radio' : 'checkbox'}
            name={group}
            checked={chosen.includes(option.value)}
            onChange={(event) => {
              if (isRadio) set(option.value);
              else set(event.target.checked ? [...chosen, option.value] : chosen.filter((one) => one !== option.value));
            }}
          />
          <span>
            <RichLine text={option.text.text} plain={option.text.type === 'plain_text'} />
            {option.description && <small>{option.description.text}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
