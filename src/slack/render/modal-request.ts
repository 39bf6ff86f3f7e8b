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
  /** What the chosen environment allows; left out: all. */
  methods?: readonly Method[];
  method?: Method;
  /** In an incident channel. */
  needsReason?: boolean;
  /** Ids of the blocks as they are now: a value stays with its id, so one that does not fit any more needs a new one. */
  blocks?: { app?: string; environment?: string; method?: string };
}

/** `<channel> [thread] [app] [environment]`, `-` for what is not there. Type-ahead and submission come back with it, and with nothing else that they can trust to be new. */
export function modalMetadata({ channel, thread, app, environment }: RequestModal): string {
  const words = [channel, thread, app, environment].map((word) => (word === undefined || !isWord(word) ? '-' : word));
  while (words.at(-1) === '-') words.pop();
  return words.join(' ');
}

/** What type-ahead cannot offer, no choice can have been. */
const isWord = (text: string): boolean => text.length <= LIMITS.optionValue && /^\S+$/.test(text);

export function readModalMetadata(text: string): Pick<RequestModal, 'channel' | 'thread' | 'app' | 'environment'> {
  const [channel = '', ...rest] = text.split(' ');
  const [thread, app, environment] = rest.map((word) => (word === '-' || word === '' ? undefined : word));
  return {
    channel,
    ...(thread === undefined ? {} : { thread }),
    ...(app === undefined ? {} : { app }),
    ...(environment === undefined ? {} : { environment }),
  };
}

const METHOD_HINTS: Record<Method, string> = {
  auto: 'auto: repull chooses, and says why',
  restart: 'restart: like kubectl rollout restart',
  always: 'always: pull policy Always, and a restart',
  pin: 'pin: run the exact digest',
  evict: 'evict: remove pods one at a time',
  'set-image': 'set-image: a new tag or digest',
};

/**
 * `/repull` without arguments. App and environment are type-ahead: what is offered depends on who types, and where, and on the other of the two;
 * so each choice is told to us at once (`dispatch_action`), and the form is drawn anew.
 */
export function requestModal(given: RequestModal): ModalView {
  // A tag cannot be given here, so set-image would have nothing to set.
  const methods = (given.methods ?? METHODS).filter((method) => method !== 'set-image');
  const first = methods.find((method) => method === given.method) ?? methods.find((method) => method === 'auto') ?? methods[0] ?? 'auto';
  return {
    type: 'modal',
    callback_id: 'request',
    private_metadata: modalMetadata(given),
    title: plainText('Repull', LIMITS.viewTitle),
    submit: plainText('Plan it', LIMITS.viewTitle),
    close: plainText('Cancel', LIMITS.viewTitle),
    blocks: [
      typeAhead('app', 'App', 'Start typing its name', given.app, given.blocks?.app),
      typeAhead('environment', 'Environment', 'Where', given.environment, given.blocks?.environment),
      {
        type: 'input',
        block_id: given.blocks?.method ?? 'method',
        label: plainText('Method', LIMITS.inputLabel),
        element: {
          type: 'static_select',
          action_id: 'method',
          initial_option: methodOption(first),
          options: (methods.length === 0 ? [first] : methods).map(methodOption),
        },
      },
      {
        type: 'input',
        block_id: 'reason',
        optional: given.needsReason !== true,
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

function typeAhead(
  field: 'app' | 'environment',
  label: string,
  placeholder: string,
  value: string | undefined,
  block: string = field,
): InputBlock {
  const fits = value !== undefined && value !== '' && value.length <= LIMITS.optionValue;
  return {
    type: 'input',
    block_id: block,
    dispatch_action: true,
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
