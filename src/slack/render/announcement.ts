import { first } from './limits.ts';
import type { Line, Rendered } from './rich.ts';
import { channel, compose, link, person, sectionPart, speak } from './rich.ts';

const MARKS =
  /(<@[UW][A-Z0-9]+>|<#[CG][A-Z0-9]+>|https:\/\/[a-z0-9-]+(?:\.enterprise)?\.slack(?:-gov)?\.com\/archives\/[A-Z0-9]+\/p\d+(?:\?[^\s<>|]*)?)/;

/**
 * Sentences of the use cases. They may name people and channels (`<@U…>`, `<#C…>`) and the address that Slack gave to a card; whatever else
 * looks like markup or like an address came from somebody's keyboard and is shown as text.
 */
export function sentence(text: string): Line {
  // Split with a group: every second piece is one of the marks.
  return text.split(MARKS).map((piece, index) => {
    if (index % 2 === 0) return piece;
    if (piece.startsWith('<@')) return person(piece.slice(2, -1));
    if (piece.startsWith('<#')) return channel(piece.slice(2, -1));
    return link(piece, 'Open the card');
  });
}

export const renderAnnouncement = (text: string): Rendered => compose([sectionPart([sentence(text)])]);

/** For an acknowledgement, which is text only: where repull may be used. */
export function channelList(ids: readonly string[]): string {
  const { shown, more } = first(
    ids.filter((id) => id !== '*'),
    6,
  );
  if (shown.length === 0) return 'Type the command in a channel where repull is used.';
  return `Try ${speak(shown.flatMap((id, index): Line => (index === 0 ? [channel(id)] : [', ', channel(id)])))}${more === 0 ? '' : ` and ${more} more`}.`;
}
