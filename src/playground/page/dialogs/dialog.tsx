import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from '../frame/icons.tsx';

/** A box over everything; Escape and the cross close it, the focus stays inside. */
export function Dialog({
  title,
  icon,
  small,
  close,
  submit,
  footer,
  children,
}: {
  title: string;
  icon?: ReactNode;
  small?: boolean;
  close: () => void;
  submit?: () => void;
  footer: ReactNode;
  children: ReactNode;
}): ReactNode {
  const box = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      className={`dialog ${small ? 'small' : ''}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit?.();
        }}
      >
        <header>
          {icon}
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="plain-button" aria-label="Close" onClick={close}>
            <Icon name="close" size={20} />
          </button>
        </header>
        <div className="dialog-body">{children}</div>
        <footer>{footer}</footer>
      </form>
    </dialog>
  );
}
