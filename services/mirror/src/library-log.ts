import { createRequire } from 'node:module';
import type { setLogLevel, setUserLogHandler } from '@firebase/logger';

// The library loads its logger by require, and a module that is imported would be another copy of it.
const logger = createRequire(import.meta.url)('@firebase/logger') as { setLogLevel: typeof setLogLevel; setUserLogHandler: typeof setUserLogHandler };

/** Gives what the Firebase library has to warn of to `tell`, as one short line, and keeps it from printing by itself. */
export function hearLibrary(tell: (message: string) => void): void {
  logger.setLogLevel('silent');
  logger.setUserLogHandler(({ message }) => tell(message.slice(0, 300)), { level: 'warn' });
}
