/** Reading a method's arguments: form fields are strings, nested values JSON in a string; JSON bodies hold them as they are. */
import { ApiError, badArgument } from './api-error.ts';

export type Args = Record<string, unknown>;

export function text(args: Args, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw badArgument('must provide a string', `/${name}`);
}

export function required(args: Args, name: string): string {
  const value = text(args, name);
  if (value === undefined) throw badArgument(`missing required field: ${name}`);
  return value;
}

/** `true`, `1`, `t`; everything else that is given is false. */
export function flag(args: Args, name: string): boolean | undefined {
  const value = text(args, name);
  return value === undefined ? undefined : ['true', '1', 't'].includes(value);
}

/** A nested value; `code` is the error for text that is not JSON. */
export function json(args: Args, name: string, code = 'invalid_arguments'): unknown {
  const value = args[name];
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw new ApiError(code);
  }
}

/** A page of `items`: `limit` (default 100, at most 1000) and an opaque `cursor`. */
export function page<T>(items: readonly T[], args: Args): { items: T[]; next: string } {
  const limit = Math.min(1000, Math.max(1, Number(text(args, 'limit') ?? 100)));
  const cursor = text(args, 'cursor');
  const from = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64url').toString('utf8').replace(/^at:/, ''));
  if (!Number.isInteger(limit) || !Number.isInteger(from) || from < 0)
    throw new ApiError(cursor === undefined ? 'invalid_limit' : 'invalid_cursor');
  const next = from + limit < items.length ? Buffer.from(`at:${from + limit}`).toString('base64url') : '';
  return { items: items.slice(from, from + limit), next };
}
