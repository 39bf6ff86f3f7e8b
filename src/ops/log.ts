import { pino, type DestinationStream, type Logger } from 'pino';

/** Secrets by where they stand; `slack/` redacts its own SDK's lines before they get here. */
const SECRET_PATHS = [
  'token',
  '*.token',
  'botToken',
  'appToken',
  'signingSecret',
  'authorization',
  '*.authorization',
  'response_url',
  '*.response_url',
  'trigger_id',
  '*.trigger_id',
  'password',
  '*.password',
];

/** JSON lines on stdout, one per event, with the process's role. A level outside pino's is refused by config/env.ts. */
export function createLog(level: string, role: string, to?: DestinationStream): Logger {
  const options = {
    level,
    base: { role },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return to === undefined ? pino(options) : pino(options, to);
}
