import { type Child, type ChildEnd, startNode } from './child.ts';

/** More restarts than this within a minute mean that it will not get better. */
const RESTARTS_PER_MINUTE = 5;
const RESTART_AFTER_MS = 1000;
/** Wrong usage, wrong configuration: the same again would end the same way. */
const HOPELESS = [2, 78];

export interface Supervised {
  name: string;
  script: string;
  args: string[];
  env: Record<string, string | undefined>;
  log: string;
}

/** One of our own processes, started again when it was killed: that is half of what the playground is there to show. */
export class Supervisor {
  readonly #spec: Supervised;
  readonly #say: (line: string) => void;
  readonly #restarts: number[] = [];
  #child: Child | undefined;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #giveUp: (why: string) => void = () => undefined;
  /** Rejects with words when it ends for good without having been asked to. */
  readonly hopeless: Promise<never>;

  constructor(spec: Supervised, say: (line: string) => void) {
    this.#spec = spec;
    this.#say = say;
    this.hopeless = new Promise((_resolve, reject) => {
      this.#giveUp = (why) => reject(new Error(why));
    });
    // Somebody may look at it only later; until then it is no unhandled rejection.
    this.hopeless.catch(() => undefined);
  }

  async start(): Promise<void> {
    const child = await startNode(this.#spec);
    this.#child = child;
    void child.ended.then((end) => this.#ended(end));
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#child?.stop();
  }

  kill(): void {
    this.#stopping = true;
    this.#child?.kill();
  }

  /** The end of its log. */
  async lastWords(): Promise<string> {
    return (await this.#child?.lastWords()) ?? '';
  }

  #ended({ code, signal }: ChildEnd): void {
    if (this.#stopping) return;
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    const now = Date.now();
    this.#restarts.push(now);
    const recent = this.#restarts.filter((at) => at > now - 60_000).length;
    if (HOPELESS.includes(code ?? 0) || recent > RESTARTS_PER_MINUTE) {
      this.#giveUp(`repull ${this.#spec.name} ${how}.`);
      return;
    }
    this.#say(`repull ${this.#spec.name} ${how}; starting it again.`);
    this.#timer = setTimeout(() => void this.start(), RESTART_AFTER_MS);
  }
}
