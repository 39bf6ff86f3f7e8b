/** Ways through a list of blocks, valid or not. */
import { isObject } from './check.ts';

/** The interactive elements of a block, with where they are. */
export function elementsOf(block: unknown, pointer = ''): { element: Record<string, unknown>; pointer: string }[] {
  if (!isObject(block)) return [];
  const found: { element: Record<string, unknown>; pointer: string }[] = [];
  const add = (value: unknown, where: string): void => {
    if (isObject(value) && typeof value['type'] === 'string' && !PASSIVE.has(value['type'])) found.push({ element: value, pointer: where });
  };
  if (block['type'] === 'actions' || block['type'] === 'context_actions') {
    if (Array.isArray(block['elements'])) block['elements'].forEach((value, index) => add(value, `${pointer}/elements/${index}`));
  } else if (block['type'] === 'card' && Array.isArray(block['actions'])) {
    block['actions'].forEach((value, index) => add(value, `${pointer}/actions/${index}`));
  }
  add(block['accessory'], `${pointer}/accessory`);
  if (block['type'] === 'input') add(block['element'], `${pointer}/element`);
  return found;
}
const PASSIVE = new Set(['image', 'plain_text', 'mrkdwn']);

/** Blocks within blocks, flat: containers and carousels hold blocks of their own. */
export function flatBlocks(blocks: readonly unknown[], at = ''): { block: Record<string, unknown>; pointer: string }[] {
  return blocks.flatMap((block, index) => {
    if (!isObject(block)) return [];
    const pointer = `${at}/${index}`;
    const children = block['type'] === 'container' ? 'child_blocks' : block['type'] === 'carousel' ? 'elements' : undefined;
    const inner = children === undefined ? undefined : block[children];
    return [{ block, pointer }, ...(Array.isArray(inner) ? flatBlocks(inner, `${pointer}/${children}`) : [])];
  });
}
