import type { InputBlock, ModalView, PlainTextOption } from '@slack/types';
import { METHODS, type Method } from '../../domain/method.ts';
import { LIMITS } from './limits.ts';
import { plainText } from './rich.ts';

/** Callback id of the message shortcut "Repull from here". */
export const SHORTCUT = 'repull_from_here';

export interface RequestModal {
  channel: string;
  /** Where the answer belongs, if it was opened from a message. */
  thread?: string;
  app?: string;
  environment?: string;
}

const METHOD_HINTS: Record<Method, string> = {
  auto: 'auto: repull chooses, and says why',
  restart: 'restart: like kubectl rollout restart',
  always: 'always: pull policy Always, and a restart',
  pin: 'pin: run the exact digest',
  evict: 'evict: remove pods one at a time',
  'set-image': 'set-image: a new tag or digest',
};

/** `/repull` without arguments. App and environment are type-ahead: what is offered depends on who types, and where. */
export function requestModal(given: RequestModal): ModalView {
  return {
    type: 'modal',
    callback_id: 'request',
    private_metadata: given.thread === undefined ? given.channel : `${given.channel} ${given.thread}`,
    title: plainText('Repull', LIMITS.viewTitle),
    submit: plainText('Plan it', LIMITS.viewTitle),
    close: plainText('Cancel', LIMITS.viewTitle),
    blocks: [
      typeAhead('app', 'App', 'Start typing its name', given.app),
      typeAhead('environment', 'Environment', 'Where', given.environment),
      {
        type: 'input',
        block_id: 'method',
        label: plainText('Method', LIMITS.inputLabel),
        element: {
          type: 'static_select',
          action_id: 'method',
          initial_option: methodOption('auto'),
          // A tag cannot be given here, so set-image would have nothing to set.
          options: METHODS.filter((method) => method !== 'set-image').map(methodOption),
        },
      },
      {
        type: 'input',
        block_id: 'reason',
        optional: true,
        label: plainText('Reason', LIMITS.inputLabel),
        element: {
          type: 'plain_text_input',
          action_id: 'reason',
          max_length: 500,
          placeholder: plainText('What the approver should know', LIMITS.placeholder),
        },
      },
    ],
  };
}

function typeAhead(field: 'app' | 'environment', label: string, placeholder: string, value: string | undefined): InputBlock {
  const fits = value !== undefined && value !== '' && value.length <= LIMITS.optionValue;
  return {
    type: 'input',
    block_id: field,
    label: plainText(label, LIMITS.inputLabel),
    element: {
      type: 'external_select',
      action_id: field,
      min_query_length: 0,
      placeholder: plainText(placeholder, LIMITS.placeholder),
      ...(fits ? { initial_option: { text: plainText(value, LIMITS.optionText), value } } : {}),
    },
  };
}

const methodOption = (method: Method): PlainTextOption => ({ text: plainText(METHOD_HINTS[method], LIMITS.optionText), value: method });
