import { openBus, openReplyDesk } from '@csms/bus';
import { createLeftBehindSweep } from '@csms/domain/command/left-behind';
import { createLogger, loadConfig, onShutdown, runMain, startAdminServer, uuidv7 } from '@csms/kit';
import { maintainBooks, openCommandLedger, openLeftBehindBooks } from '@csms/store';
import { cardKeysOf } from '@csms/store/cards/card-keys';
import type { ApiParts } from './api-parts.ts';
import { keepFiles } from '@csms/store/uploads/keep-files';
import { buildApp } from './app.ts';
import { createTokenVerifier } from './access/verify-token.ts';
import { openPool } from './books-pool.ts';
import { createCacheKeeper } from './jobs/clear-caches.ts';
import { sealAllCards } from './jobs/seal-cards.ts';
import { expireAllReservations } from './jobs/expire-reservations.ts';
import { createListKeeper } from './jobs/keep-lists-in-step.ts';
import { filesOf } from './files/files-of-settings.ts';
import { driveFirmware } from './jobs/drive-firmware.ts';
import { startCertificateJobs } from './jobs/start-certificate-jobs.ts';
import { peopleOf } from './people/people-of-settings.ts';
import { repeat } from './jobs/repeat.ts';
import { useApiMetrics } from './metrics.ts';
import { settings } from './settings.ts';

runMain('api', async () => {
  const config = loadConfig(settings);
  const log = createLogger('api', config.LOG_LEVEL);
  const now = () => new Date();
  const isLab = config.CSMS_MODE === 'lab';

  const books = await openPool({ databaseUrl: config.DATABASE_URL, log });
  const bus = await openBus({ redisUrl: config.REDIS_URL, databaseUrl: config.BUS_DATABASE_URL ?? config.DATABASE_URL, log });
  const replies = await openReplyDesk(bus, `${config.POD_NAME}-${uuidv7()}`);
  const cards = cardKeysOf(config);
  const onCommitted = (tenant: string): void => { bus.wake(tenant).catch(() => undefined); };
  const parts: ApiParts = {
    pool: books.pool, bus, replies, cards, ledger: openCommandLedger({ pool: books.pool, onCommitted, cards }), now, newId: uuidv7, mode: config.CSMS_MODE, log,
    verify: createTokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE }),
    pepper: config.CSMS_CREDENTIAL_PEPPER, ocppEndpoint: config.CSMS_OCPP_ENDPOINT, ocppsEndpoint: config.CSMS_OCPPS_ENDPOINT,
    lab: isLab && config.CSMS_LAB_URL && config.CSMS_LAB_TOKEN ? { url: config.CSMS_LAB_URL, token: config.CSMS_LAB_TOKEN } : null,
    people: peopleOf(config), files: filesOf(config),
    corsOrigins: config.CSMS_CORS_ORIGINS, trustedProxies: config.CSMS_TRUSTED_PROXIES, limits: { perToken: config.CSMS_REQUESTS_PER_MINUTE, perAddress: config.CSMS_REQUESTS_PER_MINUTE },
  };
  const app = await buildApp(parts);
  const metrics = useApiMetrics(app, books.pool);
  const failed = (event: string) => (err: unknown) => { log.warn({ event, err }, 'a job of the API failed; it comes again'); };
  const sweep = createLeftBehindSweep({ books: openLeftBehindBooks({ pool: books.pool, onCommitted }), bus });
  const stopSweeping = repeat({ everyMs: 2_000, onError: failed('sweep_failed'), job: () => sweep.sweep(now()) });
  const stopCertificates = startCertificateJobs(parts, config, metrics);
  const stopMaintaining = repeat({ everyMs: 6 * 3_600_000, onError: failed('maintenance_failed'), job: () => maintainBooks(books.pool, { now: now(), keepDays: config.CSMS_RETENTION_DAYS }) });
  const stopExpiring = repeat({ everyMs: 5_000, onError: failed('reservations_not_expired'), job: () => expireAllReservations(parts) });
  const stopKeepingFiles = repeat({ everyMs: 60_000, onError: failed('files_not_kept'), job: () => keepFiles(books.pool, parts.files.store, { now: now(), keepDays: config.CSMS_FILES_KEEP_DAYS }) });
  const idleTenants = new Map<string, number>();
  const stopFirmware = repeat({ everyMs: 1_000, onError: failed('firmware_not_driven'), job: () => driveFirmware(parts, idleTenants) });
  const lists = createListKeeper(parts);
  const stopLists = repeat({ everyMs: 3_000, onError: failed('local_lists_failed'), job: () => lists.look() });

  const caches = createCacheKeeper(parts);
  const stopCaches = repeat({ everyMs: 1_000, onError: failed('caches_not_cleared'), job: () => caches.look() });
  // Gateways of the release before find no card that was sealed: while a platform is rolled forward, sealing waits until they are gone.
  let sealing = true;
  const sealingFrom = now().getTime() + config.CSMS_CARDS_SEAL_AFTER_SECONDS * 1_000;
  let sealedAt = 0;
  const stopSealing = repeat({
    everyMs: 15_000, onError: failed('cards_not_sealed'),
    job: async () => {
      if (now().getTime() < sealingFrom) return;
      const all = now().getTime() - sealedAt > 600_000;
      await sealAllCards(parts, { all, goesOn: () => sealing });
      if (all) sealedAt = now().getTime();
    },
  });

  let state: string | null = null;
  const host = isLab ? '127.0.0.1' : '0.0.0.0';
  const admin = await startAdminServer({ port: config.ADMIN_PORT, host, ready: async () => state ?? (await books.away()), metrics });
  const address = await app.listen({ port: config.CSMS_API_PORT, host: config.CSMS_API_HOST ?? host });
  log.info({ event: 'listening', address, adminPort: admin.port, bus: bus.kind, mode: config.CSMS_MODE }, 'the API answers');

  onShutdown(log, 8_000, [
    ['say that it ends', () => { state = 'stopping'; }],
    ['close the API', () => app.close()],
    ['sweeping', stopSweeping],
    ['certificates', stopCertificates],
    ['maintenance', stopMaintaining],
    ['reservations', stopExpiring],
    ['files', stopKeepingFiles],
    ['firmware', stopFirmware],
    ['local lists', stopLists],
    ['caches', stopCaches],
    ['sealing of cards', () => { sealing = false; return stopSealing(); }],
    ['replies', () => replies.close()],
    ['the bus', () => bus.close()],
    ['the books', () => books.pool.end()],
    ['the admin server', () => admin.close()],
  ]);
});
