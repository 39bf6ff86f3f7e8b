import { type ReactNode, useMemo, useRef, useState } from 'react';
import type { Block, FieldValue, ModalState } from '../../page-server/wire.ts';
import { OneBlock } from '../blocks/blocks.tsx';
import type { BlockHost, InteractiveElement, Pressed } from '../blocks/host.ts';
import { AppSign } from '../frame/avatar.tsx';
import { usePage } from '../live/context.ts';
import { Dialog } from './dialog.tsx';
import { Field, isTextField } from './field.tsx';

/** The view on top of this person's stack. What is filled in stays while the app changes the view, as it does in Slack. */
export function Modal({ modal }: { modal: ModalState }): ReactNode {
  const { actor } = usePage();
  const [fields, setFields] = useState<Record<string, FieldValue>>({});
  const latest = useRef(fields);
  latest.current = fields;
  const [busy, setBusy] = useState(false);
  const firstInput = modal.blocks.find((block) => block.type === 'input')?.block_id;

  const host = useMemo<BlockHost>(
    () => ({
      async press({ element, blockId, value }: Pressed) {
        await actor.do({ do: 'modal-act', action: actionOf(element.action_id, blockId), ...(value === undefined ? {} : { value }) });
      },
      suggest: (element, blockId, typed) => actor.suggest({ do: 'suggest', action: actionOf(element.action_id, blockId), typed }),
    }),
    [actor],
  );
  const submit = async (): Promise<void> => {
    if (busy || !modal.submit) return;
    setBusy(true);
    try {
      const fill: Record<string, FieldValue> = {};
      for (const block of modal.blocks) {
        const value = latest.current[block.block_id ?? ''];
        if (value === undefined) continue;
        // A field that tells the app at once has told it, except for words that nobody finished with Enter.
        if (block['dispatch_action'] !== true) fill[block.block_id ?? ''] = value;
        else if (isTextField(block)) await host.press({ element: block['element'] as InteractiveElement, blockId: block.block_id, value });
      }
      await actor.do({ do: 'submit', fields: fill });
    } finally {
      setBusy(false);
    }
  };
  const close = (): void => void actor.do({ do: 'close-modal' });
  return (
    <Dialog
      title={modal.title}
      icon={<AppSign size={28} />}
      close={close}
      submit={() => void submit()}
      footer={
        <>
          <button type="button" className="button large" onClick={close}>
            {modal.close ?? 'Close'}
          </button>
          {modal.submit && (
            <button type="submit" className="button large primary" aria-busy={busy}>
              {busy && <span className="spinner" aria-hidden="true" />}
              {modal.submit}
            </button>
          )}
        </>
      }
    >
      {modal.error && (
        <p className="modal-error" role="alert">
          {modal.error}
        </p>
      )}
      {modal.blocks.map((block, index) =>
        block.type === 'input' ? (
          <Field
            key={block.block_id ?? index}
            block={block}
            value={fields[block.block_id ?? '']}
            error={modal.fieldErrors[block.block_id ?? '']}
            host={host}
            focus={block.block_id === firstInput}
            change={(value) => setFields((before) => ({ ...before, [block.block_id ?? '']: value }))}
          />
        ) : (
          <OneBlock key={block.block_id ?? index} block={block as Block} host={host} />
        ),
      )}
    </Dialog>
  );
}

const actionOf = (actionId: string | undefined, blockId: string | undefined): { actionId: string; blockId?: string } => ({
  actionId: actionId ?? '',
  ...(blockId === undefined ? {} : { blockId }),
});
