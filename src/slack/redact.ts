import type { Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../app/worker-deps.ts';

/** Tokens, response URLs and trigger ids: whoever reads a log must not be able to speak as repull. */
const SECRETS: readonly [RegExp, string][] = [
  [/\bxox[a-z]-[\w-]+/gi, 'xox?-…'],
  [/\bxapp-[\w-]+/gi, 'xapp-…'],
  [/\bBearer\s+[^\s"',}]+/gi, 'Bearer …'],
  [/\b(?:https?|wss?):\/\/[^\s"'<>\\]*(?:\/(?:commands|actions|workflows|services|link)\/|[?&]ticket=)[^\s"'<>\\]*/gi, '(url taken out)'],
  [/(\\?"?(?:trigger_id|response_url|token|ticket|signing_secret)\\?"?\s*[:=]\s*\\?"?)[^\s"',}\\]+/gi, '$1…'],
  [/\b\d{9,}\.\d{3,}\.[0-9a-f]{16,}\b/gi, '(trigger taken out)'],
];

export const redact = (text: string): string => SECRETS.reduce((kept, [pattern, instead]) => kept.replace(pattern, instead), text);

/**
 * The SDK's logger on ours. Its debug lines hold whole payloads and are dropped whatever the level; the rest is one redacted string.
 */
export function sdkLogger(log: Log): Logger {
  const line = (parts: unknown[]): string => redact(parts.map(textOf).join(' ')).slice(0, 2000);
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => log.info({ from: 'slack' }, line(parts)),
    warn: (...parts: unknown[]) => log.warn({ from: 'slack' }, line(parts)),
    error: (...parts: unknown[]) => log.error({ from: 'slack' }, line(parts)),
    setLevel: () => undefined,
    getLevel: () => 'info' as LogLevel,
    setName: () => undefined,
  };
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (part instanceof Error) return `${part.name}: ${part.message}`;
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return 'unprintable';
  }
}
