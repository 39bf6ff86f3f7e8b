import type { ReactNode } from 'react';
import { RichLine } from './static-blocks.tsx';

/** Plain text of a button or an option; the library knows the emoji names, so it is asked where there may be one. */
export function Label({ text }: { text: string }): ReactNode {
  if (!/:[\w+-]+:/.test(text)) return <span>{text}</span>;
  return (
    <span className="label-with-emoji">
      <RichLine text={text} plain />
    </span>
  );
}
