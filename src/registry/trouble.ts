import type { RegistryAnswer } from '../domain/registry-answer.ts';

type Because = Extract<RegistryAnswer, { known: false }>['because'];

/** Why a registry could not tell. Thrown inside this folder only; `resolve` turns it into the answer. */
export class Trouble extends Error {
  readonly because: Because;
  /** How long the registry wants to be left alone. */
  readonly retryAfterMs: number | undefined;
  constructor(because: Because, detail: string, retryAfterMs?: number) {
    super(detail);
    this.name = 'Trouble';
    this.because = because;
    this.retryAfterMs = retryAfterMs;
  }
}

const MAX_DETAIL = 500;

/** `text` is the registry's error document, or whatever stands before it wrote; `now` is for a Retry-After that is a date. */
export function troubleOf(status: number, text: string, header: (name: string) => string | undefined, now: number): Trouble {
  const words = messageOf(text);
  const detail = `HTTP ${status}${words === '' ? '' : `: ${words}`}`.slice(0, MAX_DETAIL);
  if (status === 404) return new Trouble('not-found', detail);
  if (status === 401 || status === 403) return new Trouble('unauthorized', detail);
  if (status === 429) {
    const wait = waitOf(header('retry-after'), now);
    const words = [detail, quotaOf(header('ratelimit-limit')), wait === undefined ? '' : `retry after ${Math.ceil(wait / 1000)} s`];
    return new Trouble('rate-limited', words.filter((each) => each !== '').join('; '), wait);
  }
  if (status >= 500) return new Trouble('server-error', detail);
  return new Trouble('unsupported', detail);
}

/** Seconds, or a date. */
function waitOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined || retryAfter.trim() === '') return undefined;
  const ms = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Docker Hub's `100;w=21600`: that many pulls in that many seconds. */
function quotaOf(limit: string | undefined): string {
  const [, pulls, seconds] = /^(\d+);w=(\d+)/.exec(limit ?? '') ?? [];
  return pulls === undefined ? '' : `the limit is ${pulls} pulls in ${Math.round(Number(seconds) / 60)} min`;
}

/** `{"errors":[{"code","message"}]}` of the distribution API. */
function messageOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: string; message?: string }[] };
    return (errors ?? []).map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ');
  } catch {
    return '';
  }
}

const REFUSED = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'UND_ERR_SOCKET']);
const SLOW = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Anything that was thrown on the way: a network error, a timeout, a body that is no manifest. */
export function troubleFrom(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'TimeoutError' || SLOW.has(code ?? '')) return new Trouble('timeout', 'no answer in time');
  if (REFUSED.has(code ?? '')) return new Trouble('unreachable', code ?? '');
  if (name === 'SyntaxError') return new Trouble('server-error', 'the answer is not JSON');
  return new Trouble('unreachable', (code ?? message ?? String(error)).slice(0, MAX_DETAIL));
}
