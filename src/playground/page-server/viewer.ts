import type { WebSocket } from 'ws';
import type { Change, LocalSlack } from '../slack/types.ts';
import type { ClusterSource } from './cluster-source.ts';
import { channelDifference, messagesFor, type Stage, workspaceSlice } from './slices.ts';
import type { Live, Watch } from './wire.ts';

/** Milliseconds in which changes are gathered into one frame: below what an eye sees, above what a rollout's bursts need. */
const GATHER_MS = 40;

/** One open page: somebody's eyes on one channel. Sends what they see, and again what changed of it. */
export class Viewer {
  #watch: Watch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sentChannel = new Map<string, string>();
  readonly #sent = new Map<string, string>();
  readonly #slack: LocalSlack;
  readonly #cluster: ClusterSource;
  readonly #stage: Stage;
  readonly #socket: WebSocket;
  readonly #stops: (() => void)[];

  constructor(parts: { slack: LocalSlack; cluster: ClusterSource; stage: Stage; socket: WebSocket }) {
    this.#slack = parts.slack;
    this.#cluster = parts.cluster;
    this.#stage = parts.stage;
    this.#socket = parts.socket;
    this.#stops = [
      parts.slack.onChange((change) => this.#changed(change)),
      parts.cluster.onChange(() => this.#soon()),
      () => clearTimeout(this.#timer),
    ];
  }

  /** Throws for a person who is not in the workspace. */
  watch(watch: Watch): void {
    const user = watch.user || this.#stage.personas[0]?.id || '';
    this.#slack.as(user);
    const isSame = this.#watch?.user === user && this.#watch.channel === watch.channel;
    if (!isSame) {
      this.#sentChannel = new Map();
      this.#sent.clear();
    }
    this.#watch = { ...watch, user };
    this.#send();
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #changed(change: Change): void {
    // With a channel it is there as a message of Slackbot already.
    const isForThem = change.kind === 'user-error' && change.userId === this.#watch?.user && change.channelId === undefined;
    if (isForThem) this.#socket.send(JSON.stringify({ slice: 'notice', data: { text: change.text } } satisfies Live));
    this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, GATHER_MS);
  }

  /** Looks at everything and sends what is not there yet: level, not edges, so nothing can be missed. */
  #send(): void {
    const watch = this.#watch;
    if (!watch) return;
    const person = this.#slack.as(watch.user);
    this.#once({ slice: 'workspace', data: workspaceSlice(this.#slack, watch.user, this.#stage) });
    if (watch.channel !== undefined) {
      const messages = messagesFor(this.#slack, watch.user, watch.channel) ?? [];
      const isFirst = this.#sentChannel.size === 0;
      const difference = channelDifference(watch.channel, messages, this.#sentChannel);
      if (difference || isFirst) this.#once({ slice: 'channel', data: difference ?? { channelId: watch.channel, order: [], changed: [] } });
    }
    this.#once({ slice: 'modal', data: person.modal() ?? null });
    this.#once({ slice: 'home', data: person.home() ?? null });
    this.#once({ slice: 'cluster', data: this.#cluster.panel() });
  }

  #once(live: Live): void {
    const json = JSON.stringify(live);
    if (this.#sent.get(live.slice) === json) return;
    this.#sent.set(live.slice, json);
    this.#socket.send(json);
  }
}
