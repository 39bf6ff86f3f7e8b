/** A person at the keyboard. */
import { act, shortcut, suggest } from './acting.ts';
import { directMessage } from './directory.ts';
import { sendEvent } from './events.ts';
import { confirmOf, findAction } from './find-action.ts';
import type { Hub } from './hub.ts';
import type { StoredMessage } from './messages.ts';
import { close, fill, submit } from './modal-acts.ts';
import { ofAck } from './outcome.ts';
import { typeText } from './typing.ts';
import type { ActionRef, FieldValue, MessageRef, Outcome, Person } from './types.ts';
import type { StoredView } from './views.ts';
import { channelFor, modalState, sees, userOf, viewState } from './visible.ts';

const NOT_CONFIRMED: Outcome = { kind: 'not-confirmed', acked: true };

export function makePerson(hub: Hub, userId: string): Person {
  const user = userOf(hub, userId);

  const messageFor = (target: MessageRef): StoredMessage => {
    channelFor(hub, user, target.channelId);
    const message = hub.messages.find(target.channelId, target.ts);
    if (message === undefined || !sees(user, message)) throw new Error(`${user.name} sees no message ${target.ts} in ${target.channelId}`);
    return message;
  };
  const inMessage = (target: MessageRef, action: ActionRef) => {
    const message = messageFor(target);
    const found = findAction(message.blocks, action, `the message ${target.ts}`);
    const only = found.element['visible_to_user_ids'];
    if (Array.isArray(only) && !only.includes(user.id)) throw new Error(`${user.name} does not see ${JSON.stringify(action)}`);
    return { message, found };
  };
  const topModal = (): StoredView => {
    const view = hub.views.stack(userId).at(-1);
    if (view === undefined) throw new Error(`${user.name} has no modal open`);
    return view;
  };
  const inView = async (view: StoredView, action: ActionRef, options: { confirm?: boolean; value?: FieldValue } = {}): Promise<Outcome> => {
    const found = findAction(view.blocks, action, view.type === 'home' ? 'the Home tab' : 'the modal');
    if (confirmOf(found.element) !== undefined && options.confirm === false) return NOT_CONFIRMED;
    return act(hub, user, { view }, found, options.value);
  };

  return {
    user,
    type: async (channelId, text, options) => typeText(hub, user, channelId, text, options),
    async click(target, action, options = {}) {
      const { message, found } = inMessage(target, action);
      if (confirmOf(found.element) !== undefined && options.confirm === false) return NOT_CONFIRMED;
      return act(hub, user, { message }, found, undefined);
    },
    async select(target, action, value) {
      const { message, found } = inMessage(target, action);
      return act(hub, user, { message }, found, value);
    },
    async suggest(target, action, typed) {
      const surface = target === undefined ? { view: topModal() } : { message: messageFor(target) };
      const blocks = 'view' in surface ? surface.view.blocks : surface.message.blocks;
      return suggest(hub, user, surface, findAction(blocks, action, 'what is open'), typed);
    },
    shortcut: async (target, callbackId) => shortcut(hub, user, messageFor(target), callbackId),
    confirmOf: (target, action) => confirmOf(inMessage(target, action).found.element),

    modal: () => modalState(hub, userId),
    fill: (field, value) => fill(hub, topModal(), field, value),
    clickModal: async (action, options) => inView(topModal(), action, options),
    submit: async () => submit(hub, user, topModal()),
    closeModal: async () => close(hub, user, topModal()),

    async openHome() {
      if (user.deactivated || user.kind === 'external') throw new Error(`${user.name} has no Home tab of this app`);
      const channel = directMessage(hub.directory, userId, hub.app.botUserId, () => hub.random.id('D', 10), hub.clock.now());
      const home = hub.views.home(userId);
      const sent = sendEvent(hub, {
        type: 'app_home_opened',
        user: userId,
        channel: channel.id,
        tab: 'home',
        ...(home === undefined ? {} : { view: hub.views.payload(home) }),
      });
      return { kind: 'event', ...(sent === undefined ? { acked: true } : ofAck(await sent)) };
    },
    home() {
      const view = hub.views.home(userId);
      return view === undefined ? undefined : viewState(view);
    },
    async clickHome(action, options) {
      const view = hub.views.home(userId);
      if (view === undefined) throw new Error(`${user.name}'s Home tab is empty`);
      return inView(view, action, options);
    },
  };
}
