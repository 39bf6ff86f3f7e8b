/** views.open, views.push, views.update, views.publish. */
import { ApiError, badPayload } from '../api-error.ts';
import { type Args, json, required, text } from '../args.ts';
import { isObject } from '../check.ts';
import type { Trigger } from '../handles.ts';
import type { Hub } from '../hub.ts';
import { LIMITS } from '../limits.ts';
import { validateView } from '../validate-view.ts';
import type { StoredView } from '../views.ts';
import type { Method } from './method.ts';

export function readView(value: unknown, type: 'modal' | 'home'): Record<string, unknown> {
  if (value === undefined) throw badPayload('invalid_arguments', [{ pointer: '', message: 'missing required field: view' }]);
  if (Buffer.byteLength(JSON.stringify(value)) > LIMITS.view.bytes) throw new ApiError('view_too_large');
  const problems = validateView(value, type);
  if (problems.length > 0 || !isObject(value)) throw badPayload('invalid_arguments', problems);
  return value;
}

function readTrigger(hub: Hub, args: Args): { id: string; trigger: Trigger } {
  const id = text(args, 'trigger_id') ?? text(args, 'interactivity_pointer') ?? required(args, 'trigger_id');
  const trigger = hub.handles.findTrigger(id);
  if (typeof trigger === 'string') throw new ApiError(trigger);
  return { id, trigger };
}

const takenId = (hub: Hub, view: Record<string, unknown>, except?: StoredView): void => {
  if (hub.views.isTaken(view['external_id'], except)) throw new ApiError('duplicate_external_id');
};

const answer = (hub: Hub, view: StoredView): Record<string, unknown> => ({ view: hub.views.payload(view) });

/** From within a modal it goes on top, as `views.push` does; from anywhere else it takes the place of whatever was open. */
export const open: Method = {
  scopes: [],
  tier: 'tier4',
  token: 'bot',
  run(hub, args) {
    const { id, trigger } = readTrigger(hub, args);
    const view = readView(json(args, 'view'), 'modal');
    takenId(hub, view);
    const inModal = hub.views.stack(trigger.userId).some((other) => other.id === trigger.fromViewId);
    const opened = inModal ? hub.views.push(trigger.userId, view) : hub.views.open(trigger.userId, view);
    if (opened === undefined) throw new ApiError('push_limit_reached');
    hub.handles.spendTrigger(id);
    return answer(hub, opened);
  },
};

export const push: Method = {
  scopes: [],
  tier: 'tier4',
  token: 'bot',
  run(hub, args) {
    const { id, trigger } = readTrigger(hub, args);
    const view = readView(json(args, 'view'), 'modal');
    takenId(hub, view);
    if (!hub.views.stack(trigger.userId).some((other) => other.id === trigger.fromViewId)) throw new ApiError('invalid_trigger_id');
    const pushed = hub.views.push(trigger.userId, view);
    if (pushed === undefined) throw new ApiError('push_limit_reached');
    hub.handles.spendTrigger(id);
    return answer(hub, pushed);
  },
};

export const update: Method = {
  scopes: [],
  tier: 'tier4',
  token: 'bot',
  run(hub, args) {
    const id = text(args, 'view_id');
    const externalId = text(args, 'external_id');
    const known = hub.views.find({ ...(id === undefined ? {} : { id }), ...(externalId === undefined ? {} : { externalId }) });
    if ((id === undefined && externalId === undefined) || known === undefined) throw new ApiError('not_found');
    const view = readView(json(args, 'view'), known.type);
    const hash = text(args, 'hash');
    if (hash !== undefined && hash !== known.hash) throw new ApiError('hash_conflict');
    takenId(hub, view, known);
    hub.views.update(known, view);
    return answer(hub, known);
  },
};

export const publish: Method = {
  scopes: [],
  tier: 'tier4',
  token: 'bot',
  run(hub, args) {
    const user = hub.directory.users.get(required(args, 'user_id'));
    const view = readView(json(args, 'view'), 'home');
    if (user === undefined || user.deactivated) throw new ApiError('user_not_found');
    if (!hub.app.events.has('app_home_opened')) throw new ApiError('not_enabled');
    const known = hub.views.home(user.id);
    const hash = text(args, 'hash');
    if (hash !== undefined && hash !== known?.hash) throw new ApiError('hash_conflict');
    takenId(hub, view, known);
    return answer(hub, hub.views.publish(user.id, view));
  },
};
