import { first } from './limits.ts';
import type { Line, Rendered } from './rich.ts';
import { channel, compose, link, person, sectionPart, speak } from './rich.ts';

/**
 * Sentences of the use cases. They may name people and channels (`<@U…>`, `<#C…>`) and a card's address; whatever else looks like markup came
 * from somebody's keyboard and is shown as text.
 */
export function sentence(text: string): Line {
  return text.split(/(<@[UW][A-Z0-9]+>|<#[CG][A-Z0-9]+>|https?:\/\/[^\s<>|]+\/archives\/[A-Z0-9]+\/p\d+(?:\?[^\s<>|]*)?)/).map((piece) => {
    if (piece.startsWith('<@') && piece.endsWith('>')) return person(piece.slice(2, -1));
    if (piece.startsWith('<#') && piece.endsWith('>')) return channel(piece.slice(2, -1));
    return /^https?:\/\/\S+\/archives\//.test(piece) ? link(piece, 'Open the card') : piece;
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
