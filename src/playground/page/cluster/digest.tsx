import type { ReactNode } from 'react';

/** In the order in which this page first saw them: neighbours in time must not look alike, which a hash cannot promise. */
const order = new Map<string, number>();

/** Distinct and steady: the same digest has the same colour everywhere on the page. The golden angle spreads the hues. */
function hueOf(digest: string): number {
  const index = order.get(digest) ?? order.size;
  order.set(digest, index);
  return Math.round((210 + index * 137.508) % 360);
}

const shortDigest = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, 7);

export function Digest({ digest, title }: { digest: string; title?: string }): ReactNode {
  if (!digest) return <span className="digest none">no image yet</span>;
  return (
    <code className="digest" style={{ '--hue': hueOf(digest) } as React.CSSProperties} title={title ?? digest}>
      {shortDigest(digest)}
    </code>
  );
}
