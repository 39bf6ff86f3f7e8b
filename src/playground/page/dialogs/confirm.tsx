import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { Label } from '../blocks/emoji.tsx';
import type { Confirm } from '../blocks/host.ts';
import { RichLine } from '../blocks/static-blocks.tsx';
import { Dialog } from './dialog.tsx';

type Ask = (confirm: Confirm) => Promise<boolean>;
const Confirms = createContext<Ask>(async () => false);

/** Asks "are you sure" the way Slack does; resolves to false when it was closed in any other way than by its confirm button. */
export function useConfirm(): Ask {
  return useContext(Confirms);
}

export function ConfirmProvider({ children }: { children: ReactNode }): ReactNode {
  const [asked, setAsked] = useState<{ confirm: Confirm; answer: (yes: boolean) => void }>();
  const ask = useCallback<Ask>((confirm) => new Promise((resolve) => setAsked({ confirm, answer: resolve })), []);
  const answer = (yes: boolean): void => {
    asked?.answer(yes);
    setAsked(undefined);
  };
  return (
    <Confirms value={ask}>
      {children}
      {asked && (
        <Dialog
          title={asked.confirm.title.text}
          small
          close={() => answer(false)}
          footer={
            <>
              <button type="button" className="button large" onClick={() => answer(false)}>
                <Label text={asked.confirm.deny.text} />
              </button>
              <button type="button" className={`button large ${asked.confirm.style ?? 'primary'}`} onClick={() => answer(true)}>
                <Label text={asked.confirm.confirm.text} />
              </button>
            </>
          }
        >
          <RichLine text={asked.confirm.text.text} plain={asked.confirm.text.type === 'plain_text'} />
        </Dialog>
      )}
    </Confirms>
  );
}
