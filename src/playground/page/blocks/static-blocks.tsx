import { Component, memo, type ReactNode } from 'react';
import { type Block as LibraryBlock, Message, type MessageProps } from 'slack-blocks-to-jsx';
import type { Block } from '../../page-server/wire.ts';
import { usePage } from '../live/context.ts';
import { slackDate } from './date.ts';

/** A block the library cannot draw must not take the page with it. */
class Fallback extends Component<{ children: ReactNode; text: string }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    return this.state.failed ? <pre className="undrawn">{this.props.text}</pre> : this.props.children;
  }
}

/** What Slack takes for an emoji; the library also takes `:5000/shop/my-app:` of an image name and `:00:` of a time for one. */
const EMOJI_NAME = /^(?!\d+$)[a-z0-9_+'-]+$/;

/**
 * `verbatim` only keeps Slack from making links of bare addresses; the library leaves all formatting out. So it is taken away, and
 * addresses that nobody marked as links are none here either.
 */
function forLibrary(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forLibrary);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key === 'verbatim') return [];
      return [[key, key === 'text' && typeof inner === 'string' ? asSlackReads(inner) : forLibrary(inner)]];
    }),
  );
}

/**
 * The library puts a space after every `>`, takes the asterisks of `0 3 * * *` for bold, and an escaped `<!channel>` for a mention; Slack does
 * none of it. A word joiner, which nobody sees, keeps the last one apart.
 */
const asSlackReads = (text: string): string =>
  text
    .replaceAll(/&lt;(?=[!@#])/g, '&lt;\u2060')
    .replaceAll(/(?<=\S)&gt;/g, '>')
    .replaceAll(/(?<=^|\s)\*(?=[\s,)]|$)/gm, '∗');

const hooks: NonNullable<MessageProps['hooks']> = {
  emoji: (data, parse) => {
    const name = data.name.replace(/^:+|:+$/g, '');
    const drawn = EMOJI_NAME.test(name) ? parse({ ...data, name }) : '';
    const isKnown = drawn !== '' && !/[a-z]/i.test(drawn);
    return isKnown ? <span className="emoji">{drawn}</span> : <span className="no-emoji">{`:${name}:`}</span>;
  },
  date: ({ timestamp, format, link, fallback }) => {
    const date = new Date(Number(timestamp) * 1000);
    if (Number.isNaN(date.getTime())) return <span>{fallback}</span>;
    const words = slackDate(format, date, new Date());
    const time = (
      <time dateTime={date.toISOString()} title={date.toLocaleString([], { dateStyle: 'full', timeStyle: 'medium' })}>
        {words}
      </time>
    );
    return link ? <a href={link}>{time}</a> : time;
  },
  link: ({ href, children, className }) => (
    <a href={href} className={className} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  ),
};

/** Everything without a button in it is drawn by slack-blocks-to-jsx, with our people, channels and clock. */
export const StaticBlocks = memo(function StaticBlocks({ blocks }: { blocks: Block[] }): ReactNode {
  const { workspace, theme } = usePage();
  return (
    <Fallback text={JSON.stringify(blocks, null, 1)}>
      <Message
        withoutWrapper
        logo=""
        name=""
        theme={theme}
        blocks={forLibrary(blocks) as LibraryBlock[]}
        hooks={hooks}
        data={{
          users: workspace.users.map((user) => ({ id: user.id, name: user.realName || user.name })),
          channels: workspace.channelNames,
          user_groups: workspace.groups,
        }}
      />
    </Fallback>
  );
});

/** A line of text as Slack writes it: mentions, links, emoji, dates. */
export function RichLine({ text, plain }: { text: string; plain?: boolean }): ReactNode {
  return <StaticBlocks blocks={[{ type: 'section', text: { type: plain ? 'plain_text' : 'mrkdwn', text } }]} />;
}
