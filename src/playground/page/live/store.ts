import type { ChannelSlice, ClusterPanel, Live, MessageView, ModalState, View, Watch, WorkspaceSlice } from '../../page-server/wire.ts';

/** Everything the page shows that comes from the server. Replaced as a whole on every change, so that React can compare. */
export interface Shown {
  /** False while the socket is down: what is shown may be old. */
  connected: boolean;
  workspace?: WorkspaceSlice;
  channelId?: string;
  messages: MessageView[];
  modal?: ModalState;
  home?: View;
  cluster?: ClusterPanel;
  notices: { id: number; text: string }[];
}

/** Messages that did not change keep their identity, so that only the changed ones are drawn again. */
function merge(before: { channelId?: string; messages: MessageView[] }, slice: ChannelSlice): MessageView[] {
  const known = new Map(before.channelId === slice.channelId ? before.messages.map((message) => [message.ts, message]) : []);
  for (const message of slice.changed) known.set(message.ts, message);
  return slice.order.flatMap((ts) => known.get(ts) ?? []);
}

/** The socket to the page server, and what came over it. Connects again by itself, for as long as the page is open. */
export class LiveStore {
  #shown: Shown = { connected: false, messages: [], notices: [] };
  #socket: WebSocket | undefined;
  #watch: Watch | undefined;
  #noticeId = 0;
  readonly #listeners = new Set<() => void>();

  connect(): void {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#set({ connected: true });
      this.#sendWatch();
    };
    socket.onmessage = (event) => this.#receive(JSON.parse(String(event.data)) as Live);
    socket.onclose = () => {
      this.#set({ connected: false });
      setTimeout(() => this.connect(), 1000);
    };
  }

  watch(watch: Watch): void {
    this.#watch = watch;
    this.#sendWatch();
  }

  notice(text: string): void {
    this.#noticeId += 1;
    this.#set({ notices: [...this.#shown.notices, { id: this.#noticeId, text }].slice(-4) });
  }

  dismiss(id: number): void {
    this.#set({ notices: this.#shown.notices.filter((notice) => notice.id !== id) });
  }

  readonly get = (): Shown => this.#shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #sendWatch(): void {
    if (this.#watch && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(this.#watch));
  }

  #receive(live: Live): void {
    switch (live.slice) {
      case 'workspace':
        return this.#set({ workspace: live.data });
      case 'channel':
        return this.#set({ channelId: live.data.channelId, messages: merge(this.#shown, live.data) });
      case 'modal':
        return this.#set({ modal: live.data ?? undefined });
      case 'home':
        return this.#set({ home: live.data ?? undefined });
      case 'cluster':
        return this.#set({ cluster: live.data });
      case 'notice':
        return this.notice(live.data.text);
    }
  }

  #set(change: { [K in keyof Shown]?: Shown[K] | undefined }): void {
    this.#shown = { ...this.#shown, ...change } as Shown;
    for (const listener of this.#listeners) listener();
  }
}
