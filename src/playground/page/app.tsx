import { type ReactNode, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { Channel, Thread } from './channel/channel.tsx';
import type { Draft } from './channel/composer.tsx';
import { Home } from './channel/home.tsx';
import { ClusterPane } from './cluster/cluster-pane.tsx';
import { ConfirmProvider } from './dialogs/confirm.tsx';
import { Modal } from './dialogs/modal.tsx';
import { ChannelHead, TopBar } from './frame/heads.tsx';
import { type Place, Sidebar } from './frame/sidebar.tsx';
import { type Theme, useTheme } from './frame/theme.ts';
import { Tour } from './frame/tour.tsx';
import { useSeen } from './frame/use-seen.ts';
import { actorFor } from './live/act.ts';
import { Page } from './live/context.ts';
import { LiveStore, type Shown } from './live/store.ts';

const store = new LiveStore();
store.connect();
/** Before the first answer nobody knows who there is; the server takes the first persona for an empty name. */
const USER_KEY = 'repull-user';

export function App(): ReactNode {
  const shown = useSyncExternalStore(store.subscribe, store.get);
  const [theme, toggleTheme] = useTheme();
  const [userId, setUserId] = useState(() => sessionStorage.getItem(USER_KEY) ?? '');
  const [place, setPlace] = useState<Place>();

  useEffect(() => {
    store.watch({ user: userId, ...(place?.kind === 'channel' ? { channel: place.id } : {}) });
  }, [userId, place]);
  useEffect(() => {
    const { workspace } = shown;
    if (!workspace) return;
    const first = workspace.personas[0];
    if (!workspace.personas.some((persona) => persona.id === userId) && first) setUserId(first.id);
    const isOpen = place?.kind === 'home' || workspace.channels.some((channel) => channel.id === place?.id);
    const start = workspace.channels.find((channel) => channel.id === workspace.tour?.channel) ?? workspace.channels[0];
    if (!isOpen && start) setPlace({ kind: 'channel', id: start.id });
  }, [shown, userId, place]);

  if (!shown.workspace || !userId || !place)
    return <p className="starting">{shown.connected ? 'Opening…' : 'Connecting to the playground…'}</p>;
  return (
    <Workspace shown={shown} theme={theme} toggleTheme={toggleTheme} userId={userId} setUserId={setUserId} place={place} go={setPlace} />
  );
}

function Workspace({
  shown,
  theme,
  toggleTheme,
  userId,
  setUserId,
  place,
  go,
}: {
  shown: Shown;
  theme: Theme;
  toggleTheme: () => void;
  userId: string;
  setUserId: (id: string) => void;
  place: Place;
  go: (place: Place) => void;
}): ReactNode {
  const workspace = shown.workspace;
  if (!workspace) throw new Error('drawn before the workspace was there');
  const [threadTs, setThreadTs] = useState<string>();
  const [draft, setDraft] = useState<Draft>();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const [showCluster, setShowCluster] = useState(() => matchMedia('(min-width: 1000px)').matches);
  const [showSidebar, setShowSidebar] = useState(false);
  const [showTour, setShowTour] = useState(true);
  const actor = useMemo(() => actorFor(userId, (text) => store.notice(text)), [userId]);
  const page = useMemo(() => ({ actor, workspace, theme }), [actor, workspace, theme]);
  const openChannel = place.kind === 'channel' ? place.id : undefined;
  const unread = useSeen(userId, openChannel, workspace.channels);
  const dismiss = useCallback((ts: string) => setDismissed((before) => new Set(before).add(ts)), []);
  const isCurrent = shown.channelId === openChannel;
  const messages = useMemo(
    () => (isCurrent ? shown.messages.filter((message) => !dismissed.has(message.ts)) : []),
    [isCurrent, shown.messages, dismissed],
  );
  const parent = messages.find((message) => message.ts === threadTs);
  const { tour } = workspace;

  const become = (id: string): void => {
    sessionStorage.setItem(USER_KEY, id);
    setUserId(id);
    setShowSidebar(false);
  };
  const goTo = (next: Place): void => {
    go(next);
    setThreadTs(undefined);
    setShowSidebar(false);
  };
  const classes = [showCluster ? 'with-cluster' : '', parent ? 'with-thread' : '', showSidebar ? 'with-sidebar' : ''].join(' ');
  return (
    <Page value={page}>
      <ConfirmProvider>
        <div className={`page ${classes}`}>
          <TopBar
            workspace={workspace}
            theme={theme}
            toggleTheme={toggleTheme}
            userId={userId}
            openSidebar={() => setShowSidebar(!showSidebar)}
          />
          {showSidebar && <button type="button" className="curtain" aria-label="Close the sidebar" onClick={() => setShowSidebar(false)} />}
          <Sidebar workspace={workspace} place={place} go={goTo} userId={userId} become={become} unread={unread} />
          <main className="middle">
            <ChannelHead workspace={workspace} place={place} clusterOpen={showCluster} toggleCluster={() => setShowCluster(!showCluster)} />
            {!shown.connected && (
              <p className="offline" role="alert">
                The playground cannot be reached. What you see may be old; trying again.
              </p>
            )}
            {tour && showTour && place.kind === 'channel' && place.id === tour.channel && (
              <Tour
                facts={tour}
                panel={shown.cluster}
                messages={messages}
                close={() => setShowTour(false)}
                actions={{
                  push: () => {
                    if (tour.ref) void actor.push(tour.ref, false);
                  },
                  write: (text) => setDraft({ text, n: Date.now() }),
                  become,
                }}
              />
            )}
            {place.kind === 'home' ? (
              <Home key={userId} view={shown.home} />
            ) : (
              <Channel
                key={`${userId} ${place.id}`}
                channelId={place.id}
                messages={messages}
                openThread={setThreadTs}
                dismiss={dismiss}
                draft={draft}
                sent={() => setDraft(undefined)}
              />
            )}
          </main>
          {parent && openChannel && (
            <Thread key={userId} parent={parent} channelId={openChannel} close={() => setThreadTs(undefined)} dismiss={dismiss} />
          )}
          {showCluster && <ClusterPane panel={shown.cluster} close={() => setShowCluster(false)} />}
          {shown.modal && <Modal key={`${userId} ${shown.modal.id}`} modal={shown.modal} />}
          <div className="notices" aria-live="polite">
            {shown.notices.map((notice) => (
              <p key={notice.id}>
                {notice.text}
                <button type="button" className="plain-button" aria-label="Dismiss" onClick={() => store.dismiss(notice.id)}>
                  ×
                </button>
              </p>
            ))}
          </div>
        </div>
      </ConfirmProvider>
    </Page>
  );
}
