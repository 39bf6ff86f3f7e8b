import type { ModalView } from '@slack/types';
import { LIMITS } from './limits.ts';
import { mrkdwn, mrkdwnText, plainText } from './rich.ts';

/** Reject asks why, and does not insist: a quick no is better than none. */
/** `home`: opened from the App Home, whose hash this is. */
export function rejectModal(given: { channel: string; value: string; message: string; home?: string }): ModalView {
  const [request = ''] = given.value.split('.');
  return {
    type: 'modal',
    callback_id: 'reject',
    private_metadata: [given.channel, given.value, given.message, ...(given.home === undefined ? [] : [given.home])].join(' '),
    title: plainText('Reject', LIMITS.viewTitle),
    submit: plainText('Reject', LIMITS.viewTitle),
    close: plainText('Back', LIMITS.viewTitle),
    blocks: [
      { type: 'section', text: mrkdwnText(mrkdwn(['Request ', { code: request }, ' ends here; nothing will be changed.'])) },
      {
        type: 'input',
        block_id: 'reason',
        optional: true,
        label: plainText('Reason', LIMITS.inputLabel),
        element: {
          type: 'plain_text_input',
          action_id: 'reason',
          multiline: true,
          max_length: 500,
          placeholder: plainText('Shown on the card and in the history', LIMITS.placeholder),
        },
      },
    ],
  };
}
