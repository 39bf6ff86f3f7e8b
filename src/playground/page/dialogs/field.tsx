import { type ReactNode, useId } from 'react';
import { Label } from '../blocks/emoji.tsx';
import type { BlockHost, InteractiveElement, TextObject } from '../blocks/host.ts';
import { Picker } from '../blocks/picker.tsx';
import { Select } from '../blocks/select.tsx';
import type { Block, FieldValue } from '../../page-server/wire.ts';

const TEXT_TYPES: Record<string, string> = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
};
export const isTextField = (block: Block): boolean =>
  (block['element'] as InteractiveElement | undefined)?.type !== undefined && (block['element'] as InteractiveElement).type in TEXT_TYPES;
const PICKERS = ['datepicker', 'timepicker', 'datetimepicker', 'checkboxes', 'radio_buttons'];

/** An input block: label, control, hint, and what the app found wrong with it. */
export function Field({
  block,
  value,
  error,
  change,
  host,
  focus,
}: {
  block: Block;
  value: FieldValue;
  error: string | undefined;
  change: (value: FieldValue) => void;
  host: BlockHost;
  focus: boolean;
}): ReactNode {
  const id = useId();
  const element = block['element'] as InteractiveElement;
  const label = (block['label'] as TextObject | undefined)?.text ?? '';
  const hint = (block['hint'] as TextObject | undefined)?.text;
  const set = (next: FieldValue): void => {
    change(next);
    if (block['dispatch_action'] && next !== undefined && !TEXT_TYPES[element.type])
      void host.press({ element, blockId: block.block_id, value: next });
  };
  return (
    <div className={`field ${error ? 'wrong' : ''}`}>
      <label htmlFor={id}>
        <Label text={label} />
        {block['optional'] === true && <small> (optional)</small>}
      </label>
      {TEXT_TYPES[element.type] ? (
        <TextField
          id={id}
          element={element}
          value={value}
          change={set}
          invalid={error !== undefined}
          focus={focus}
          enter={(text) => {
            if (block['dispatch_action']) void host.press({ element, blockId: block.block_id, value: text });
          }}
        />
      ) : PICKERS.includes(element.type) ? (
        <Picker element={element} value={value} change={set} label={label} />
      ) : (
        <Select
          element={element}
          value={value}
          label={label}
          change={set}
          suggest={(typed) => host.suggest(element, block.block_id, typed)}
        />
      )}
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      {hint && !error && <p className="field-hint">{hint}</p>}
    </div>
  );
}

function TextField({
  id,
  element,
  value,
  change,
  invalid,
  focus,
  enter,
}: {
  id: string;
  element: InteractiveElement;
  value: FieldValue;
  change: (value: string) => void;
  invalid: boolean;
  focus: boolean;
  enter: (text: string) => void;
}): ReactNode {
  const text = typeof value === 'string' ? value : (element.initial_value ?? '');
  const common = {
    id,
    value: text,
    placeholder: element.placeholder?.text ?? '',
    'aria-invalid': invalid,
    autoFocus: focus,
  };
  const left = element.max_length === undefined ? undefined : element.max_length - text.length;
  return (
    <div className="text-field">
      {element.multiline ? (
        <textarea {...common} rows={4} onChange={(event) => change(event.target.value)} />
      ) : (
        <input
          {...common}
          type={TEXT_TYPES[element.type] ?? 'text'}
          onChange={(event) => change(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') enter(text);
          }}
        />
      )}
      {left !== undefined && left < 50 && <small className={left < 0 ? 'over' : ''}>{left}</small>}
    </div>
  );
}
