import { openBus } from '@csms/bus';
import { createLeftBehindSweep } from '@csms/domain/command/left-behind';
import { createLogger, loadConfig, onShutdown, runMain, startAdminServer, uuidv7 } from '@csms/kit';
import { openBooks } from '@csms/store';
import { cardKeysOf } from '@csms/store/cards/card-keys';
import { authorizeThroughOutages } from './authorization/through-outages.ts';
import { clientCertificatesOf } from './client-certificates.ts';
import { startCommandInbox, startSweeping } from './commands/index.ts';
import { gatewayMetrics } from './metrics.ts';
import { startOwnership } from './ownership/index.ts';
import { readAnswer, translateCommand } from './profiles/outgoing.ts';
import { securityEventMetric } from './security-event-metric.ts';
import { settings } from './settings.ts';
import { renewCertificates, stationLimits, stationPorts } from './station-ports.ts';
import { createStationServer } from './sockets/station-server.ts';
import { usualLimits } from './sockets/station-session.ts';

runMain('ocpp-gateway', async () => {
  const config = loadConfig(settings);
  const log = createLogger('ocpp-gateway', config.LOG_LEVEL);
  const now = () => new Date();
  const gatewayName = `${config.POD_NAME}-${uuidv7()}`;
  const ports = await stationPorts(config, log);

  const bus = await openBus({ redisUrl: config.REDIS_URL, databaseUrl: config.BUS_DATABASE_URL ?? config.DATABASE_URL, log });
  // A wake-up that is lost costs its reader a look into the outbox.
  const books = await openBooks({ databaseUrl: config.DATABASE_URL, log, cards: cardKeysOf(config), onCommitted: (tenantId) => void bus.wake(tenantId).catch(() => undefined), onSecurityEvent: (kind) => securityEvent(kind) });
  const { observer, registry: metrics, draining, insecureListener, commandEnded, tookOver, decidedWithoutBooks, busIsUp } = gatewayMetrics();
  const securityEvent = securityEventMetric(metrics);
  const server = createStationServer({
    ...ports, ...stationLimits(config), sharedCount: (key, windowMs) => bus.countInWindow(key, windowMs), pepper: config.CSMS_CREDENTIAL_PEPPER, connectionsMax: config.CSMS_CONNECTIONS_MAX,
    upgradesPerSecond: config.CSMS_UPGRADES_PER_SECOND, upgradesBurst: 2 * config.CSMS_UPGRADES_PER_SECOND,
    clientCertificates: clientCertificatesOf(config, books, log), recheckEveryMs: config.CSMS_RECHECK_SECONDS * 1000,
    limits: { ...usualLimits, pingIntervalMs: config.CSMS_OCPP_PING_SECONDS * 1000 }, answerTimeoutMs: config.CSMS_OCPP_ANSWER_SECONDS * 1000,
    books: { ...books, ...authorizeThroughOutages({ books, policies: config.CSMS_AUTHORIZE_WITHOUT_BOOKS, onDecided: decidedWithoutBooks }) }, observer, log,
  });
  const { registry } = server;
  busIsUp(bus.healthy());
  bus.onHealth(busIsUp);
  const ownership = await startOwnership({ bus, registry, stations: books.stations, gatewayName, now, random: Math.random, log, onTakeover: tookOver, takeoversAMinuteMax: config.CSMS_TAKEOVERS_PER_MINUTE });
  const inbox = await startCommandInbox({
    bus, registry, ledger: books.commands, translate: translateCommand, readAnswer,
    pendingCredential: (tenantId, stationId) => books.pendingCredential(tenantId, stationId, config.CSMS_CREDENTIAL_PEPPER), gatewayName, now, log, onKick: ownership.onKick, onEnded: commandEnded,
  });
  const stopSweeping = startSweeping({
    sweep: createLeftBehindSweep({ books: books.leftBehind, bus }).sweep, everyMs: 2_000, now,
    onError: (err) => log.warn({ event: 'sweep_failed', err }, 'what dead processes left could not be looked at'),
  });

  let state: string | null = 'starting';
  const admin = await startAdminServer({ port: config.ADMIN_PORT, host: config.CSMS_MODE === 'lab' ? '127.0.0.1' : '0.0.0.0', ready: () => state, remark: () => (bus.healthy() ? null : 'the bus is away: commands wait, everything else goes on'), metrics });
  const port = await server.listen(ownership);
  state = null;
  const { plain, tls, mapped } = server.ports();
  if (plain !== null) insecureListener();
  const stopRenewing = renewCertificates(ports, server, config.CSMS_TLS_RELOAD_SECONDS * 1000, log);
  log.info({ event: 'listening', port, plainPort: plain, tlsPort: tls, mappedPorts: mapped, adminPort: admin.port, gateway: gatewayName, bus: bus.kind, mode: config.CSMS_MODE }, 'stations may come');

  const drainMs = config.CSMS_DRAIN_SECONDS * 1000;
  onShutdown(log, drainMs + 15_000, [
    ['refuse new stations', () => { state = 'draining'; draining(); }],
    ['close the sockets', () => server.drain({ drainMs, perSecond: config.CSMS_DRAIN_PER_SECOND, shareAtOnce: config.CSMS_DRAIN_SHARE_PER_SECOND, refuseMs: config.CSMS_DRAIN_REFUSE_SECONDS * 1000 })],
    ['end the commands', () => inbox.close()],
    ['give up ownership', () => ownership.close()],
    ['sweeping', stopSweeping],
    ['the books', () => books.close()],
    ['the bus', () => bus.close()],
    ['the certificates', stopRenewing],
    ['the admin server', () => admin.close()],
  ]);
});
