import { type ReactNode, useRef, useState } from 'react';
import type { Option } from '../../page-server/wire.ts';
import { Icon } from '../frame/icons.tsx';
import { useOutside } from '../frame/use-outside.ts';
import { Label } from './emoji.tsx';
import type { InteractiveElement } from './host.ts';

export function Overflow({
  element,
  busy,
  choose,
}: {
  element: InteractiveElement;
  busy: boolean;
  choose: (option: Option) => void;
}): ReactNode {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useOutside(box, open, () => setOpen(false));
  return (
    <div className="overflow" ref={box}>
      <button
        type="button"
        className="button square"
        aria-label="More options"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-busy={busy}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" size={16} />
      </button>
      {open && (
        <div className="menu" role="menu">
          {(element.options ?? []).map((option) => (
            <button
              key={option.value}
              type="button"
              role="menuitem"
              onClick={() => {
                setOpen(false);
                choose(option);
              }}
            >
              <Label text={option.text.text} />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
