import type { ModalView } from '@slack/types';
import { problemOf } from '../errors.ts';
import type { ListenerDeps } from './deps.ts';

/** Opens a modal, or tells the person that it could not be opened: a click is never silently ignored. */
export async function openModal(
  deps: ListenerDeps,
  triggerId: string | undefined,
  view: ModalView,
  to: { user: string; channel?: string },
): Promise<void> {
  try {
    if (triggerId === undefined) throw new Error('no trigger');
    await deps.clients.interactive.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    const problem = problemOf(error);
    deps.log.warn(
      { callback: view.callback_id, because: problem.because, detail: 'detail' in problem ? problem.detail : undefined },
      'a form could not be opened',
    );
    if (to.channel === undefined) return;
    await deps.clients.interactive.chat
      .postEphemeral({
        channel: to.channel,
        user: to.user,
        text: 'The form could not be opened; nothing was changed. Try again, or type /repull help.',
      })
      .catch((second: unknown) => deps.log.warn({ because: problemOf(second).because }, 'and the person could not be told'));
  }
}
