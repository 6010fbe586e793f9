import { openBus } from '@csms/bus';
import { createLogger, loadConfig, onShutdown, runMain, startAdminServer } from '@csms/kit';
import { lastOutboxId, mirrorBacklog, noteStates, noteWritten, openPool, readOutbox, stationsToLookAt, unwrittenStates } from '@csms/store';
import { hearLibraries } from './library-log.ts';
import { useMirrorMetrics } from './metrics.ts';
import { createMirror } from './mirror.ts';
import { openPublicDatabase } from './public-database.ts';
import { startRounds } from './rounds.ts';
import { followServiceAccount, readServiceAccount } from './service-account.ts';
import { databaseUrlOf, settings } from './settings.ts';

/** Shows the stations of a namespace's sites in a Firebase Realtime Database, as docs/mirror.md says. */
runMain('mirror', async () => {
  const config = loadConfig(settings);
  const log = createLogger('mirror', config.LOG_LEVEL).child({ tenant: config.CSMS_TENANT, namespace: config.CSMS_SITE_NAMESPACE });
  hearLibraries((message) => log.warn({ event: 'library_warning', message }, 'a library warns'));
  const target = databaseUrlOf(config);
  const account = await readServiceAccount(config.CSMS_FIREBASE_CREDENTIALS_FILE);
  const now = () => new Date();

  const pool = openPool({ connectionString: config.DATABASE_URL, max: 3, statement_timeout: 10_000, application_name: 'csms-mirror' }, (err) => log.warn({ event: 'books_connection_lost', err: err.message }, 'a connection to the books was lost'));
  const bus = await openBus({ redisUrl: config.REDIS_URL, databaseUrl: config.BUS_DATABASE_URL ?? config.DATABASE_URL, log });
  const tenantId = config.CSMS_TENANT;
  const mirrored = { tenantId, target, namespace: config.CSMS_SITE_NAMESPACE, sites: config.CSMS_MIRROR_SITES.length === 0 ? null : config.CSMS_MIRROR_SITES };
  const unreadable = (rowId: string): void => log.warn({ event: 'outbox_row_unreadable', rowId }, 'a change could not be read and was passed over');

  const database = openPublicDatabase({
    url: target, account,
    onConnected: () => { log.info({ event: 'connected' }, 'the public database can be reached'); rounds?.nudge(); },
  });
  const mirror = createMirror({
    books: {
      lastOutboxId: () => lastOutboxId(pool, tenantId),
      readOutbox: (afterId, limit) => readOutbox(pool, tenantId, afterId, limit, unreadable),
      stationsToLookAt: (afterId, limit) => stationsToLookAt(pool, tenantId, mirrored, afterId, limit),
      noteStates: (toLookAt, at) => noteStates(pool, mirrored, toLookAt, at),
      unwrittenStates: (after, limit) => unwrittenStates(pool, mirrored, after, limit),
      noteWritten: (written, at) => noteWritten(pool, mirrored, written, at),
      backlog: () => mirrorBacklog(pool, mirrored),
    },
    database, log, now,
    onWritten: (lagMs) => metrics.lag.observe(lagMs / 1_000),
    onOutcome: (outcome) => metrics.writes.inc({ outcome }),
  });
  const metrics = useMirrorMetrics({ backlog: () => mirror.backlog(), isConnected: () => database.isConnected(), now });

  const away = 'the books cannot be read';
  let state: string | null = 'no round has been made yet';
  const rounds = startRounds({
    round: async () => { await mirror.round(); if (state !== 'stopping') state = null; }, everyMs: 1_000, restMs: 200,
    onError: (err) => {
      // Said once, not every second of an outage.
      log[state === away ? 'debug' : 'warn']({ event: 'round_failed', err }, 'a round of the mirror failed; it comes again');
      if (state !== 'stopping') state = away;
    },
  });
  const stopWaking = await bus.onWake((tenant) => { if (tenant === tenantId) rounds.nudge(); });
  const stopFollowing = followServiceAccount(config.CSMS_FIREBASE_CREDENTIALS_FILE, account, {
    everyMs: 2_000,
    onChange: (next) => { log.info({ event: 'credentials_changed', account: next.clientEmail }, 'another key is used from now on'); database.useAccount(next); },
    onUnusable: (reason) => log.error({ event: 'credentials_unusable', reason }, 'the new key cannot be used; the one before stays'),
  });

  const admin = await startAdminServer({
    port: config.ADMIN_PORT, host: config.CSMS_MODE === 'lab' ? '127.0.0.1' : '0.0.0.0', ready: () => state, metrics: metrics.registry,
    remark: () => (database.isConnected() ? null : 'the public database cannot be reached, and what changes waits for it'),
  });
  log.info({ event: 'listening', adminPort: admin.port, bus: bus.kind, database: new URL(target).host, sites: mirrored.sites ?? 'all' }, 'the mirror follows the books');

  onShutdown(log, 8_000, [
    ['say that it ends', () => { state = 'stopping'; }],
    ['credentials', stopFollowing],
    ['wake-ups', stopWaking],
    ['rounds', () => rounds.stop()],
    ['the public database', () => database.close()],
    ['the bus', () => bus.close()],
    ['the books', () => pool.end()],
    ['the admin server', () => admin.close()],
  ]);
});
