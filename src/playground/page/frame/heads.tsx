import type { ReactNode } from 'react';
import type { WorkspaceSlice } from '../../page-server/wire.ts';
import { AppSign, Avatar } from './avatar.tsx';
import { ChannelIcon, Icon } from './icons.tsx';
import type { Place } from './sidebar.tsx';
import type { Theme } from './theme.ts';

export function TopBar({
  workspace,
  theme,
  toggleTheme,
  userId,
  openSidebar,
}: {
  workspace: WorkspaceSlice;
  theme: Theme;
  toggleTheme: () => void;
  userId: string;
  openSidebar: () => void;
}): ReactNode {
  const user = workspace.users.find((one) => one.id === userId);
  const name = user?.realName || user?.name || userId;
  const role = workspace.personas.find((persona) => persona.id === userId)?.role;
  return (
    <header className="top-bar">
      <button type="button" className="plain-button only-narrow" aria-label="Channels and people" onClick={openSidebar}>
        <Icon name="menu" size={20} />
      </button>
      <span className="top-title">
        {workspace.name} <span>· a local Slack, nothing leaves this machine</span>
      </span>
      <button
        type="button"
        className="plain-button"
        aria-label={theme === 'dark' ? 'Switch to light' : 'Switch to dark'}
        title={theme === 'dark' ? 'Switch to light' : 'Switch to dark'}
        onClick={toggleTheme}
      >
        <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      </button>
      <button type="button" className="me" onClick={openSidebar} aria-label={`You are ${name}, ${role ?? ''}`}>
        <Avatar id={userId} name={name} size={26} />
        <span>
          {name} <small>{role}</small>
        </span>
      </button>
    </header>
  );
}

export function ChannelHead({
  workspace,
  place,
  clusterOpen,
  toggleCluster,
}: {
  workspace: WorkspaceSlice;
  place: Place;
  clusterOpen: boolean;
  toggleCluster: () => void;
}): ReactNode {
  const channel = place.kind === 'channel' ? workspace.channels.find((one) => one.id === place.id) : undefined;
  return (
    <header className="pane-head channel-head">
      {place.kind === 'home' ? <AppSign size={24} /> : <ChannelIcon kind={channel?.kind ?? 'public'} size={18} />}
      <h2>{place.kind === 'home' ? workspace.botName : channel?.name}</h2>
      {place.kind === 'home' && <span className="app-badge">APP</span>}
      <span className="topic">{channel?.topic}</span>
      {channel && (
        <span className="members" title={`${channel.members} members`}>
          <Icon name="people" size={16} /> {channel.members}
        </span>
      )}
      <button
        type="button"
        className={`button cluster-toggle ${clusterOpen ? 'on' : ''}`}
        aria-pressed={clusterOpen}
        onClick={toggleCluster}
      >
        <Icon name="cluster" size={16} /> Cluster
      </button>
    </header>
  );
}
