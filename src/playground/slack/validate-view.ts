import { all, boolean, byType, type Check, list, object, oneOf, type Problem, rule, string } from './check.ts';
import { LIMITS } from './limits.ts';
import { validateBlocks } from './validate-blocks.ts';
import { plainText } from './validate-elements.ts';

const common: Record<string, Check> = {
  private_metadata: string(LIMITS.view.privateMetadata),
  callback_id: string(LIMITS.view.callbackId),
  external_id: string(LIMITS.view.externalId),
};
/** Blocks are looked at afterwards, with the rules of their surface. */
const blocks = list(() => undefined, LIMITS.view.blocks, 0);

const view = byType({
  modal: all(
    object(
      { type: oneOf('modal'), title: plainText(LIMITS.view.title), blocks },
      {
        ...common,
        submit: plainText(LIMITS.view.button),
        close: plainText(LIMITS.view.button),
        clear_on_close: boolean,
        notify_on_close: boolean,
        submit_disabled: boolean,
      },
    ),
    rule((value) =>
      value['submit'] === undefined && Array.isArray(value['blocks']) && value['blocks'].some(isInput)
        ? 'missing required field: submit (a modal with an input block needs it)'
        : undefined,
    ),
  ),
  home: object({ type: oneOf('home'), blocks }, common),
});

const isInput = (block: unknown): boolean => typeof block === 'object' && block !== null && 'type' in block && block.type === 'input';

/** What is wrong with this view; pointers start at `/view`. Its size in bytes is judged elsewhere (`view_too_large`). */
export function validateView(value: unknown, only: 'modal' | 'home'): Problem[] {
  const problems: Problem[] = [];
  view(value, '/view', problems);
  if (typeof value !== 'object' || value === null) return problems;
  if ('type' in value && (value.type === 'modal' || value.type === 'home')) {
    if (value.type !== only) problems.push({ pointer: '/view/type', message: `must be ${only} here` });
    if ('blocks' in value)
      problems.push(
        ...validateBlocks(value.blocks, value.type, '/view/blocks').filter((problem) => problem.message !== 'must provide an array'),
      );
  }
  return problems;
}
