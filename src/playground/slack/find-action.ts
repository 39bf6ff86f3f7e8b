/** Finding what a person points at: by action_id, or by the words on it. */
import { isObject } from './check.ts';
import { textOf } from './render-text.ts';
import type { ActionRef, Block, ConfirmDialog } from './types.ts';
import { elementsOf, flatBlocks } from './walk-blocks.ts';

export interface Found {
  blockId: string;
  element: Record<string, unknown>;
  /** Where an overflow menu's option was meant: its value. */
  option?: string;
}

const string = (value: unknown): string => (typeof value === 'string' ? value : '');

function everyElement(blocks: readonly Block[]): Found[] {
  return flatBlocks(blocks).flatMap(({ block }) =>
    elementsOf(block).map(({ element }) => ({ blockId: string(block['block_id']), element })),
  );
}

function byText(all: readonly Found[], text: string): Found | undefined {
  for (const found of all) {
    if (textOf(found.element['text']) === text && found.element['text'] !== undefined) return found;
    if (found.element['type'] !== 'overflow' || !Array.isArray(found.element['options'])) continue;
    for (const option of found.element['options']) {
      if (isObject(option) && textOf(option['text']) === text) return { ...found, option: string(option['value']) };
    }
  }
  return undefined;
}

/** Throws, naming what is there, if there is no such thing. */
export function findAction(blocks: readonly Block[], ref: ActionRef, where: string): Found {
  const all = everyElement(blocks);
  const byId = (actionId: string, blockId?: string): Found | undefined =>
    all.find((found) => found.element['action_id'] === actionId && (blockId === undefined || found.blockId === blockId));
  let found: Found | undefined;
  if (typeof ref === 'string') found = byId(ref) ?? byText(all, ref);
  else found = 'text' in ref ? byText(all, ref.text) : byId(ref.actionId, ref.blockId);
  if (found !== undefined) return found;
  const there = all.map(
    ({ element }) => `${string(element['action_id'])}${element['text'] === undefined ? '' : ` "${textOf(element['text'])}"`}`,
  );
  throw new Error(`${where} has no ${JSON.stringify(ref)}; there is: ${there.join(', ') || 'nothing to click'}`);
}

/** What Slack asks before it sends the action, with its own words where the app gave none. */
export function confirmOf(element: Record<string, unknown>): ConfirmDialog | undefined {
  const { confirm } = element;
  if (!isObject(confirm)) return undefined;
  return {
    title: textOf(confirm['title']) || 'Are you sure?',
    text: textOf(confirm['text']),
    confirm: textOf(confirm['confirm']) || 'Yes',
    deny: textOf(confirm['deny']) || 'Cancel',
    ...(typeof confirm['style'] === 'string' ? { style: confirm['style'] } : {}),
  };
}
