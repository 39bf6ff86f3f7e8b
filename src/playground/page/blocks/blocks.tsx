import { memo, type ReactNode } from 'react';
import type { Block } from '../../page-server/wire.ts';
import { Element } from './element.tsx';
import { type BlockHost, elementsOf, type InteractiveElement } from './host.ts';
import { StaticBlocks } from './static-blocks.tsx';

/** Blocks of a message or a home view: the library draws what is to be read, we draw what is to be pressed. */
export const Blocks = memo(function Blocks({ blocks, host }: { blocks: Block[]; host: BlockHost }): ReactNode {
  return (
    <div className="blocks">
      {blocks.map((block, index) => (
        // block_id changes with every edit of a card; the place does not, and keeps open menus and scroll positions.
        <OneBlock key={`${index} ${block.type}`} block={block} host={host} />
      ))}
    </div>
  );
});

export function OneBlock({ block, host }: { block: Block; host: BlockHost }): ReactNode {
  if (block.type === 'actions') {
    return (
      <div className="block-actions">
        {elementsOf(block).map((element, index) => (
          <Element key={`${index} ${element.action_id}`} element={element} blockId={block.block_id} host={host} />
        ))}
      </div>
    );
  }
  const accessory = block['accessory'] as InteractiveElement | undefined;
  if (block.type === 'section' && accessory && accessory.type !== 'image') {
    const { accessory: _taken, ...rest } = block;
    return (
      <div className="block-with-accessory">
        <div className="block-text">
          <StaticBlocks blocks={[rest as Block]} />
        </div>
        <Element element={accessory} blockId={block.block_id} host={host} />
      </div>
    );
  }
  return <StaticBlocks blocks={[block]} />;
}
