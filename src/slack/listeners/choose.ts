import { isMethod, type Method } from '../../domain/method.ts';
import { problemOf } from '../errors.ts';
import { readModalMetadata, requestModal } from '../render/modal-request.ts';
import { within } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import type { ActionPayload } from './payloads.ts';

const LOOK_MS = 1_500;
const MOST = 1_000;

/**
 * Something was chosen in the request form: the other fields follow, because what fits depends on it. Type-ahead is not told what else is chosen
 * in a form (not reliably), so that is kept in the form's metadata, which needs the form to be drawn anew.
 */
export function makeChoose(deps: ListenerDeps): (body: ActionPayload, ack: () => Promise<void>) => Promise<void> {
  /** The last choice that each form told us of: two that meet are shown in the order in which they were made. */
  const latest = new Map<string, string>();
  return async (body, ack) => {
    await ack();
    const { view } = body;
    const look = deps.callbacks.choices;
    if (view === undefined || look === undefined) return;
    const at = body.actions[0]?.action_ts ?? '';
    if (latest.size > MOST) latest.clear();
    if (at >= (latest.get(view.id) ?? '')) latest.set(view.id, at);
    const filled = filledIn(view);
    const { channel, thread } = readModalMetadata(view.private_metadata ?? '');
    const who = { user: body.user.id, team: body.user.team_id ?? '', channel };
    try {
      const drawn = await within(LOOK_MS, fitted(look, who, filled));
      const next = requestModal({ ...drawn, channel, ...(thread === undefined ? {} : { thread }) });
      await update(deps, { id: view.id, hash: view.hash }, next, () => latest.get(view.id) === at);
    } catch (error) {
      // The form stays as it was; what does not fit is said when it is sent.
      deps.log.warn({ because: problemOf(error).because }, 'a form could not follow a choice');
    }
  };
}

interface Filled {
  app?: string;
  environment?: string;
  method?: Method;
  blocks: { app?: string; environment?: string; method?: string };
}

function filledIn(view: NonNullable<ActionPayload['view']>): Filled {
  const filled: Filled = { blocks: {} };
  for (const [block, elements] of Object.entries(view.state?.values ?? {})) {
    for (const [field, element] of Object.entries(elements)) {
      if (field !== 'app' && field !== 'environment' && field !== 'method') continue;
      filled.blocks[field] = block;
      const value = element.selected_option?.value ?? '';
      if (field === 'method') Object.assign(filled, isMethod(value) ? { method: value } : {});
      else if (value !== '') filled[field] = value;
    }
  }
  return filled;
}

type Look = NonNullable<ListenerDeps['callbacks']['choices']>;

/** An environment where this app may not be asked for, and a method that it does not allow, are taken out again. */
async function fitted(look: Look, who: { user: string; team: string; channel: string }, filled: Filled) {
  const { app, environment, method, blocks } = filled;
  const here = await look(who, { ...(app === undefined ? {} : { app }), ...(environment === undefined ? {} : { environment }) });
  const fits = environment === undefined || here.environments.includes(environment);
  const choices = fits ? here : await look(who, app === undefined ? {} : { app });
  const methodFits = method === undefined || choices.methods.includes(method);
  return {
    ...(app === undefined ? {} : { app }),
    ...(fits && environment !== undefined ? { environment } : {}),
    methods: choices.methods,
    ...(methodFits && method !== undefined ? { method } : {}),
    needsReason: choices.needsReason,
    blocks: {
      ...blocks,
      ...(fits || blocks.environment === undefined ? {} : { environment: anew(blocks.environment) }),
      ...(methodFits || blocks.method === undefined ? {} : { method: anew(blocks.method) }),
    },
  };
}

/** `environment` → `environment-2` → `environment-3`: never one that held a value before. */
const anew = (block: string): string => {
  const [, name = block, count = '1'] = /^(.*?)(?:-(\d+))?$/.exec(block) ?? [];
  return `${name}-${Number(count) + 1}`;
};

/** Another choice may have changed the form meanwhile; if this one is the later of the two, it knows both. */
async function update(
  deps: ListenerDeps,
  view: { id: string; hash: string | undefined },
  next: ReturnType<typeof requestModal>,
  isLatest: () => boolean,
): Promise<void> {
  const { views } = deps.clients.interactive;
  try {
    await views.update({ view_id: view.id, view: next, ...(view.hash === undefined ? {} : { hash: view.hash }) });
  } catch (error) {
    const problem = problemOf(error);
    const isOvertaken = problem.because === 'refused' && problem.detail.startsWith('hash_conflict');
    if (!isOvertaken) throw error;
    if (isLatest()) await views.update({ view_id: view.id, view: next });
  }
}
