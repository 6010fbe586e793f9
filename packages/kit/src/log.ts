import { pino, type Logger } from 'pino';

export type { Logger };

/** Field names that never reach a log line, at any depth of one: secrets by construction (L-03). */
const secretFields = ['password', 'credential', 'authorization', 'token', 'idTag', 'tokenUid', 'idToken', 'cookie', 'clientSecret', 'DATABASE_URL'];

/** A JSON logger: one event is one line, control characters are escaped by JSON itself (L-01). */
export function createLogger(service: string, level = 'info'): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  });
}
