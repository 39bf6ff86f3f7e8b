/** Modals (a stack of at most three per person) and Home tabs. */
import type { Changes } from './changes.ts';
import { withIds } from './block-ids.ts';
import { isObject } from './check.ts';
import type { Directory } from './directory.ts';
import { type ElementValue, holdsValue, initialValue } from './element-values.ts';
import { LIMITS } from './limits.ts';
import type { Random } from './random.ts';
import type { Block, Clock, Option } from './types.ts';
import { elementsOf, flatBlocks } from './walk-blocks.ts';

type ViewPayload = Record<string, unknown>;

export interface StoredView {
  readonly id: string;
  readonly userId: string;
  readonly type: 'modal' | 'home';
  /** As the app sent it, without its blocks. */
  source: ViewPayload;
  blocks: Block[];
  hash: string;
  values: Record<string, Record<string, ElementValue>>;
  /** By `block/action`: what the app offered last for an external select. */
  readonly offered: Map<string, Option[]>;
  fieldErrors: Record<string, string>;
  error?: string;
  readonly rootId: string;
  readonly previousId?: string;
}

export interface Views {
  /** The modals of this person, the top one last. */
  stack(userId: string): readonly StoredView[];
  find(by: { id?: unknown; externalId?: unknown }): StoredView | undefined;
  open(userId: string, source: ViewPayload): StoredView;
  /** Undefined if three are open already. */
  push(userId: string, source: ViewPayload): StoredView | undefined;
  update(view: StoredView, source: ViewPayload): void;
  /** Takes the top one away, or all of them. */
  close(userId: string, all: boolean): void;
  home(userId: string): StoredView | undefined;
  publish(userId: string, source: ViewPayload): StoredView;
  /** After state or errors changed. */
  changed(view: StoredView): void;
  /** Another view of this person already has this external id. */
  isTaken(externalId: unknown, except?: StoredView): boolean;
  /** As payloads carry it. */
  payload(view: StoredView): Record<string, unknown>;
}

export function makeViews(deps: {
  clock: Clock;
  random: Random;
  changes: Changes;
  directory: Directory;
  app: { appId: string; botId: string };
}): Views {
  const { clock, random, changes, directory, app } = deps;
  const stacks = new Map<string, StoredView[]>();
  const homes = new Map<string, StoredView>();
  const stack = (userId: string): StoredView[] => stacks.get(userId) ?? [];
  const everyView = (): StoredView[] => [...[...stacks.values()].flat(), ...homes.values()];
  const newHash = (): string => `${Math.floor(clock.now() / 1000)}.${random.hex(8)}`;

  const create = (userId: string, type: 'modal' | 'home', source: ViewPayload, previous?: StoredView): StoredView => {
    const id = random.id('V', 10);
    const blocks = withIds(Array.isArray(source['blocks']) ? source['blocks'] : [], random);
    return {
      id,
      userId,
      type,
      source: withoutBlocks(source),
      blocks,
      hash: newHash(),
      values: valuesFor(blocks, {}),
      offered: new Map(),
      fieldErrors: {},
      rootId: previous?.rootId ?? id,
      ...(previous === undefined ? {} : { previousId: previous.id }),
    };
  };
  const replace = (view: StoredView, source: ViewPayload): void => {
    view.source = withoutBlocks(source);
    view.blocks = withIds(Array.isArray(source['blocks']) ? source['blocks'] : [], random);
    view.values = valuesFor(view.blocks, view.values);
    view.hash = newHash();
    view.fieldErrors = {};
    delete view.error;
  };

  return {
    stack,
    find({ id, externalId }) {
      return everyView().find((view) =>
        id !== undefined ? view.id === id : externalId !== '' && view.source['external_id'] === externalId,
      );
    },
    open(userId, source) {
      const view = create(userId, 'modal', source);
      stacks.set(userId, [view]);
      changes.tell({ kind: 'view-opened', userId, viewId: view.id });
      return view;
    },
    push(userId, source) {
      const below = stack(userId);
      if (below.length >= LIMITS.view.stack) return undefined;
      const view = create(userId, 'modal', source, below.at(-1));
      stacks.set(userId, [...below, view]);
      changes.tell({ kind: 'view-opened', userId, viewId: view.id });
      return view;
    },
    update(view, source) {
      replace(view, source);
      changes.tell({ kind: 'view-updated', userId: view.userId, viewId: view.id });
    },
    close(userId, all) {
      const open = stack(userId);
      const closed = all ? open : open.slice(-1);
      stacks.set(userId, all ? [] : open.slice(0, -1));
      for (const view of closed) changes.tell({ kind: 'view-closed', userId, viewId: view.id });
    },
    home: (userId) => homes.get(userId),
    publish(userId, source) {
      const known = homes.get(userId);
      const view = known ?? create(userId, 'home', source);
      if (known !== undefined) replace(known, source);
      homes.set(userId, view);
      changes.tell({ kind: 'home-published', userId });
      return view;
    },
    changed: (view) => changes.tell({ kind: 'view-updated', userId: view.userId, viewId: view.id }),
    isTaken: (externalId, except) =>
      typeof externalId === 'string' &&
      externalId !== '' &&
      everyView().some((view) => view !== except && view.source['external_id'] === externalId),
    payload: (view) => ({
      id: view.id,
      team_id: directory.teamId,
      type: view.type,
      blocks: view.blocks,
      private_metadata: '',
      callback_id: '',
      external_id: '',
      clear_on_close: false,
      notify_on_close: false,
      title: null,
      close: null,
      submit: null,
      ...view.source,
      state: { values: view.values },
      hash: view.hash,
      previous_view_id: view.previousId ?? null,
      root_view_id: view.rootId,
      app_id: app.appId,
      app_installed_team_id: directory.teamId,
      bot_id: app.botId,
    }),
  };
}

const withoutBlocks = (source: ViewPayload): ViewPayload => Object.fromEntries(Object.entries(source).filter(([key]) => key !== 'blocks'));

/** First values of every element that holds one; what was put in stays where block_id and action_id are still there. */
function valuesFor(blocks: readonly Block[], before: StoredView['values']): StoredView['values'] {
  const values: StoredView['values'] = {};
  for (const { block } of flatBlocks(blocks)) {
    for (const { element } of elementsOf(block)) {
      const { action_id: action, type } = element;
      const { block_id: id } = block;
      if (typeof id !== 'string' || typeof action !== 'string' || !holdsValue(element)) continue;
      const held = before[id]?.[action];
      values[id] = { ...values[id], [action]: isObject(held) && held['type'] === type ? held : initialValue(element) };
    }
  }
  return values;
}
