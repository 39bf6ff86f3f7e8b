import type { MessageView } from '../../page-server/wire.ts';
import type { BlockHost } from '../blocks/host.ts';
import type { Actor } from '../live/act.ts';

/** Presses inside a message. */
export function messageHost(actor: Actor, message: Pick<MessageView, 'channelId' | 'ts'>): BlockHost {
  const target = { channelId: message.channelId, ts: message.ts };
  const action = (actionId: string | undefined, blockId: string | undefined) => ({
    actionId: actionId ?? '',
    ...(blockId === undefined ? {} : { blockId }),
  });
  return {
    async press({ element, blockId, value }) {
      if (value === undefined) await actor.do({ do: 'click', target, action: action(element.action_id, blockId) });
      else await actor.do({ do: 'select', target, action: action(element.action_id, blockId), value });
    },
    suggest: (element, blockId, typed) => actor.suggest({ do: 'suggest', target, action: action(element.action_id, blockId), typed }),
  };
}
