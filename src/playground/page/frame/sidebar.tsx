import type { ReactNode } from 'react';
import type { WorkspaceSlice } from '../../page-server/wire.ts';
import { AppSign, Avatar } from './avatar.tsx';
import { ChannelIcon } from './icons.tsx';

export type Place = { kind: 'channel'; id: string } | { kind: 'home' };

export function Sidebar({
  workspace,
  place,
  go,
  userId,
  become,
  unread,
}: {
  workspace: WorkspaceSlice;
  place: Place;
  go: (place: Place) => void;
  userId: string;
  become: (userId: string) => void;
  unread: (channel: WorkspaceSlice['channels'][number]) => boolean;
}): ReactNode {
  const direct = workspace.channels.filter(({ kind }) => kind === 'im');
  const row = (channel: WorkspaceSlice['channels'][number]): ReactNode => {
    const isHere = place.kind === 'channel' && place.id === channel.id;
    return (
      <li key={channel.id}>
        <button
          type="button"
          className={`${isHere ? 'here' : ''} ${unread(channel) ? 'unread' : ''}`}
          aria-current={isHere ? 'page' : undefined}
          onClick={() => go({ kind: 'channel', id: channel.id })}
        >
          <ChannelIcon kind={channel.kind} size={15} />
          <span>{channel.name}</span>
        </button>
      </li>
    );
  };
  return (
    <nav className="sidebar" aria-label="Channels and people">
      <div className="workspace-name">
        <h1>{workspace.name}</h1>
        <span className={`presence ${workspace.connections > 0 ? 'on' : ''}`}>
          {workspace.connections > 0 ? `${workspace.botName} is connected` : `${workspace.botName} is not connected`}
        </span>
      </div>
      <div className="sidebar-scroll">
        <h2>Channels</h2>
        <ul>{workspace.channels.filter(({ kind }) => kind !== 'im').map(row)}</ul>
        {direct.length > 0 && (
          <>
            <h2>Direct messages</h2>
            <ul>{direct.map(row)}</ul>
          </>
        )}
        <h2>Apps</h2>
        <ul>
          <li>
            <button
              type="button"
              className={place.kind === 'home' ? 'here' : ''}
              aria-current={place.kind === 'home' ? 'page' : undefined}
              onClick={() => go({ kind: 'home' })}
            >
              <AppSign size={20} />
              <span>{workspace.botName}</span>
            </button>
          </li>
        </ul>
      </div>
      <section className="personas" aria-label="Who you are">
        <h2>You are</h2>
        <ul>
          {workspace.personas.map((persona) => {
            const user = workspace.users.find((one) => one.id === persona.id);
            const name = user?.realName || user?.name || persona.id;
            return (
              <li key={persona.id}>
                <button type="button" aria-pressed={persona.id === userId} title={persona.about} onClick={() => become(persona.id)}>
                  <Avatar id={persona.id} name={name} size={28} />
                  <span className="persona-name">{name}</span>
                  <span className="persona-role">{persona.role}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </section>
    </nav>
  );
}
