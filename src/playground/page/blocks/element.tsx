import { type ReactNode, useState } from 'react';
import { useConfirm } from '../dialogs/confirm.tsx';
import type { BlockHost, InteractiveElement, Pressed } from './host.ts';
import { Overflow } from './overflow.tsx';
import { Picker } from './picker.tsx';
import { Select } from './select.tsx';
import { Label } from './emoji.tsx';

/** One thing to press. Shows that it is busy until Slack answered, and asks first where the app wants that. */
export function Element({
  element,
  blockId,
  host,
}: {
  element: InteractiveElement;
  blockId: string | undefined;
  host: BlockHost;
}): ReactNode {
  const [busy, setBusy] = useState(false);
  const confirm = useConfirm();
  const press = async (more: Partial<Pressed> = {}): Promise<void> => {
    if (busy) return;
    if (element.confirm && !(await confirm(element.confirm))) return;
    setBusy(true);
    try {
      await host.press({ element, blockId, ...more });
    } finally {
      setBusy(false);
    }
  };
  switch (element.type) {
    case 'button':
    case 'workflow_button':
      return (
        <button
          type="button"
          className={`button ${element.style ?? ''}`}
          aria-busy={busy}
          aria-label={element.accessibility_label}
          onClick={() => {
            if (element.url) window.open(element.url, '_blank', 'noopener');
            void press();
          }}
        >
          {busy && <span className="spinner" aria-hidden="true" />}
          <Label text={element.text?.text ?? ''} />
        </button>
      );
    case 'overflow':
      return <Overflow element={element} busy={busy} choose={(option) => void press({ value: option.value })} />;
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
    case 'checkboxes':
    case 'radio_buttons':
      return <Picker element={element} value={undefined} change={(value) => void press({ value })} />;
    default:
      return (
        <Select
          element={element}
          value={undefined}
          suggest={(typed) => host.suggest(element, blockId, typed)}
          change={(value) => {
            if (value !== undefined) void press({ value });
          }}
        />
      );
  }
}
