import { isObject } from './check.ts';
import type { Random } from './random.ts';
import type { Block } from './types.ts';
import { elementsOf, flatBlocks } from './walk-blocks.ts';

/** A copy of valid blocks in which every block has a block_id and every interactive element an action_id, as Slack stores them. */
export function withIds(blocks: readonly unknown[], random: Random): Block[] {
  const copy: unknown = JSON.parse(JSON.stringify(blocks));
  if (!Array.isArray(copy)) return [];
  for (const { block } of flatBlocks(copy)) {
    block['block_id'] ??= random.id('', 5);
    for (const { element } of elementsOf(block)) element['action_id'] ??= random.id('', 5);
  }
  return copy.filter((block): block is Block => isObject(block));
}
