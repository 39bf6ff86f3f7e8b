import type { ReactNode } from 'react';
import type { MessageView } from '../../page-server/wire.ts';
import { ChannelIcon, Icon } from '../frame/icons.tsx';
import { usePage } from '../live/context.ts';
import { Composer, type Draft } from './composer.tsx';
import { MessageList } from './message-list.tsx';

export function Channel({
  channelId,
  messages,
  openThread,
  dismiss,
  draft,
  sent,
}: {
  channelId: string;
  messages: MessageView[];
  openThread: (ts: string) => void;
  dismiss: (ts: string) => void;
  draft: Draft | undefined;
  sent: () => void;
}): ReactNode {
  const { workspace } = usePage();
  const channel = workspace.channels.find((one) => one.id === channelId);
  if (!channel) return <p className="empty">This person cannot open that channel.</p>;
  const title = channel.kind === 'im' ? channel.name : `#${channel.name}`;
  const intro = (
    <div className="intro">
      <h2>
        <ChannelIcon kind={channel.kind} size={26} /> {channel.name}
      </h2>
      <p>
        This is the very beginning of {channel.kind === 'im' && 'your conversation with '}
        <b>{title}</b>. {channel.topic}
      </p>
    </div>
  );
  return (
    <>
      <MessageList key={channelId} messages={messages} openThread={openThread} dismiss={dismiss} intro={intro} />
      {channel.archived ? (
        <p className="archived">This channel is archived. Nobody can write here any more.</p>
      ) : (
        <Composer key={`${channelId} composer`} channelId={channelId} label={`Message ${title}`} draft={draft} sent={sent} />
      )}
    </>
  );
}

export function Thread({
  parent,
  channelId,
  close,
  dismiss,
}: {
  parent: MessageView;
  channelId: string;
  close: () => void;
  dismiss: (ts: string) => void;
}): ReactNode {
  const { workspace } = usePage();
  const channel = workspace.channels.find((one) => one.id === channelId);
  const count = parent.replies.filter((reply) => !reply.ephemeral).length;
  return (
    <section className="thread" aria-label="Thread">
      <header className="pane-head">
        <h2>Thread</h2>
        <span className="muted">#{channel?.name}</span>
        <button type="button" className="plain-button end" aria-label="Close thread" onClick={close}>
          <Icon name="close" size={20} />
        </button>
      </header>
      <MessageList
        key={parent.ts}
        messages={[{ ...parent, replies: [] }, ...parent.replies]}
        dismiss={dismiss}
        intro={<span className="reply-count">{count === 0 ? 'No replies yet' : `${count} ${count === 1 ? 'reply' : 'replies'}`}</span>}
      />
      <Composer key={`${parent.ts} composer`} channelId={channelId} threadTs={parent.ts} label="Reply…" />
    </section>
  );
}
