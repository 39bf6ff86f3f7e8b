import { Agent, request } from 'undici';

/** How to reach a cluster as its administrator, and how to push images for it. */
export interface ClusterUnderTest {
  server: string;
  /** PEM. */
  ca: string;
  /** Either a token or a client certificate. */
  token?: string;
  cert?: string;
  key?: string;
  /** HOST:PORT of a registry that its nodes can pull from. */
  registry: string;
  push(
    ref: string,
    options?: { version?: string; crash?: boolean; index?: boolean },
  ): Promise<{ ref: string; digest: string; manifests: Record<string, string> }>;
  /** Cluster seconds per real second; waits are divided by it. */
  speed: number;
  close(): Promise<void>;
}

/** Any object or list; the suite reads what it needs, and a missing field fails the assertion. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  json: Json;
  text: string;
}

export interface Ask {
  body?: unknown;
  contentType?: string;
  /** Instead of the administrator's credentials. */
  token?: string;
}

export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';

/** The Kubernetes API over plain HTTP, so that nothing of a client library is between the test and the answer. */
export class Client {
  readonly cluster: ClusterUnderTest;
  private readonly admin: Agent;
  private readonly plain: Agent;

  constructor(cluster: ClusterUnderTest) {
    this.cluster = cluster;
    const { ca, cert, key } = cluster;
    this.plain = new Agent({ connect: { ca }, bodyTimeout: 0 });
    this.admin = cert && key ? new Agent({ connect: { ca, cert, key }, bodyTimeout: 0 }) : this.plain;
  }

  async ask(method: string, path: string, { body, contentType = 'application/json', token }: Ask = {}): Promise<Answer> {
    const response = await request(this.cluster.server + path, {
      method: method as 'GET',
      dispatcher: token ? this.plain : this.admin,
      headers: this.headers(token, body === undefined ? undefined : contentType),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    let json: Json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.statusCode, headers: response.headers, json, text };
  }

  /** Like ask, but anything except success fails the test with the server's own words. */
  async do(method: string, path: string, options: Ask = {}): Promise<Json> {
    const answer = await this.ask(method, path, options);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  /** Looks again and again until `holds`, at most `seconds` of cluster time. */
  async until(path: string, holds: (object: Json) => boolean, seconds = 60): Promise<Json> {
    return (await this.untilAnswer(path, ({ json }) => holds(json), seconds)).json;
  }

  async untilAnswer(path: string, holds: (answer: Answer) => boolean, seconds = 60): Promise<Answer> {
    const end = Date.now() + Math.max(10_000, (seconds * 1000) / this.cluster.speed);
    const pause = Math.max(10, 200 / this.cluster.speed);
    for (;;) {
      const answer = await this.ask('GET', path);
      if (holds(answer)) return answer;
      const { json, text } = answer;
      if (Date.now() > end) throw new Error(`${path} never became what was waited for; it is ${JSON.stringify(json?.status ?? text)}`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Events of a watch as they come; ends with the watch or when the caller stops reading. */
  async *watch(path: string, signal?: AbortSignal): AsyncGenerator<Json> {
    const response = await request(this.cluster.server + path, {
      dispatcher: this.admin,
      headers: this.headers(undefined, undefined),
      ...(signal ? { signal } : {}),
    });
    if (response.statusCode !== 200) throw new Error(`watch ${path}: ${response.statusCode} ${await response.body.text()}`);
    let rest = '';
    for await (const chunk of response.body) {
      rest += String(chunk);
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line) yield JSON.parse(line);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.admin.destroy(), this.plain.destroy()]);
  }

  private headers(token: string | undefined, contentType: string | undefined): Record<string, string> {
    const bearer = token ?? this.cluster.token;
    return {
      'user-agent': 'contract/1',
      accept: 'application/json',
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...(contentType ? { 'content-type': contentType } : {}),
    };
  }
}
