/** Rules that hold over all blocks of a payload together: no id twice, sums of text, one focus. */
import { isObject, type Problem } from './check.ts';
import { LIMITS, lengthOf } from './limits.ts';
import { elementsOf, flatBlocks } from './walk-blocks.ts';

export const wholeMessageProblems = (blocks: readonly unknown[], at: string): Problem[] => [
  ...duplicates(blocks, at),
  ...sums(blocks, at),
  ...focus(blocks, at),
];

function duplicates(blocks: readonly unknown[], at: string): Problem[] {
  const problems: Problem[] = [];
  const blockIds = new Set<unknown>();
  for (const { block, pointer } of flatBlocks(blocks, at)) {
    const id = block['block_id'];
    if (id !== undefined && blockIds.has(id))
      problems.push({ pointer: `${pointer}/block_id`, message: `block_id already exists: ${JSON.stringify(id)}` });
    blockIds.add(id);
    const actionIds = new Set<unknown>();
    for (const { element, pointer: where } of elementsOf(block, pointer)) {
      const action = element['action_id'];
      if (action !== undefined && actionIds.has(action)) {
        problems.push({ pointer: `${where}/action_id`, message: `action_id already exists: ${JSON.stringify(action)}` });
      }
      actionIds.add(action);
    }
  }
  return problems;
}

/** Limits that hold over all blocks of a message together. */
function sums(blocks: readonly unknown[], at: string): Problem[] {
  const total = (type: string, size: (block: Record<string, unknown>) => number): number =>
    flatBlocks(blocks).reduce((sum, { block }) => sum + (block['type'] === type ? size(block) : 0), 0);
  const markdown = total('markdown', (block) => (typeof block['text'] === 'string' ? lengthOf(block['text']) : 0));
  const tables = total('table', (block) => cellText(block['rows']));
  return [
    ...(markdown > LIMITS.message.mrkdwnBlock
      ? [{ pointer: at, message: `markdown blocks hold more than ${LIMITS.message.mrkdwnBlock} characters` }]
      : []),
    ...(tables > LIMITS.message.tableText
      ? [{ pointer: at, message: `tables hold more than ${LIMITS.message.tableText} characters` }]
      : []),
  ];
}

function cellText(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, entry: unknown) => sum + cellText(entry), 0);
  if (!isObject(value)) return 0;
  return (typeof value['text'] === 'string' ? lengthOf(value['text']) : 0) + cellText(value['elements']);
}

function focus(blocks: readonly unknown[], at: string): Problem[] {
  const focused = flatBlocks(blocks, at)
    .flatMap(({ block, pointer }) => elementsOf(block, pointer))
    .filter(({ element }) => element['focus_on_load'] === true);
  return focused
    .slice(1)
    .map(({ pointer }) => ({ pointer: `${pointer}/focus_on_load`, message: 'only one element may be focused on load' }));
}
