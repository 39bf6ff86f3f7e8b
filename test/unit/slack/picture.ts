import type { HomeView, KnownBlock, ModalView } from '@slack/types';
import type { Rendered } from '../../../src/slack/render/rich.ts';

/** A message as a reader sees it: its blocks as lines, buttons in brackets, and then what a screen reader says. */
export const pictureOf = (rendered: Rendered): string => `${drawn(rendered.blocks)}\n\n---- text\n${rendered.text}\n`;

/** A modal or the App Home; a screen reader reads its blocks. */
export const pictureOfView = (view: ModalView | HomeView): string =>
  view.type === 'home'
    ? `${drawn(view.blocks as KnownBlock[])}\n`
    : `== ${view.title.text}\n\n${drawn(view.blocks as KnownBlock[])}\n\n${[view.close, view.submit].flatMap((each) => (each === undefined || each === null ? [] : [`(${each.text})`])).join(' ')}\n`;

/** The dialog that a button asks with before it does anything. */
export function pictureOfConfirm(rendered: Rendered | undefined, label: string): string {
  const buttons = (rendered?.blocks ?? []).flatMap((block) => (block.type === 'actions' ? block.elements : []));
  const confirm = buttons.flatMap((each) => (each.type === 'button' && each.text.text === label ? [each.confirm] : []))[0];
  if (confirm === undefined) throw new Error(`${label} asks nothing`);
  return `== ${confirm.title?.text}\n\n${confirm.text.text}\n\n(${confirm.deny?.text}) (${confirm.confirm?.text})\n`;
}

function drawn(blocks: readonly KnownBlock[]): string {
  return blocks
    .map((block) => {
      switch (block.type) {
        case 'header':
          return `# ${block.text.text}`;
        case 'context':
          return `~ ${block.elements.map((element) => ('text' in element ? element.text : '')).join(' ')}`;
        case 'section':
          return [block.text?.text, ...(block.fields ?? []).map((field) => `| ${field.text.replaceAll('\n', ': ')}`)]
            .filter((line) => line !== undefined)
            .join('\n');
        case 'actions':
          return block.elements
            .map((element) =>
              element.type === 'button' ? `[${element.text.text}${element.style === undefined ? '' : ` (${element.style})`}]` : '',
            )
            .join(' ');
        case 'input':
          return `${block.label.text}${block.optional === true ? ' (optional)' : ''}: <${block.element.type}>`;
        default:
          return block.type;
      }
    })
    .join('\n\n');
}
