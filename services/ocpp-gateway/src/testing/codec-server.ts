import { gatewayMetrics } from '../metrics.ts';
import { createStationServer } from '../sockets/station-server.ts';
import { aStation, testPepper } from './memory-books.ts';

/*
 * The gateway's own session core over books that keep nothing, with its metrics: what `npm run bench -- --only codec` measures. Prints its port, then answers
 * each line on stdin with the CPU that this process has used.
 */
const decided = { status: 'Accepted' as const, validUntil: null, parentUid: null };
const server = createStationServer({
  host: '127.0.0.1', port: 0, reusePort: false, pepper: testPepper, defaultTenant: 'demo', connectionsMax: 10_000, upgradesPerSecond: 10_000, upgradesBurst: 10_000,
  books: {
    stations: {
      find: async (tenantId, identity) => aStation({ tenantId, identity }), tenantExists: async () => true, boot: async () => {}, status: async () => ({ applied: true }),
      presence: async () => {}, seen: () => {}, knocked: async () => {}, credentialUsed: async () => {}, securityProfileUsed: async () => {}, securityEvent: async () => {},
    },
    sessions: {
      start: async () => ({ sessionId: 's', transactionRef: '1', authorization: 'Accepted', duplicate: false }), stop: async () => ({ sessionId: 's', verdict: 'ended', authorization: null }),
      transactionEvent: async () => ({ sessionId: 's', verdict: 'applied', authorization: null }), readings: async () => {},
    },
    authorization: { authorize: async () => decided },
    firmware: { firmwareStatus: async () => {}, uploadStatus: async () => {} },
    tolerance: { keep: async (_tenantId, frame) => ({ kept: true, times: 1, firstAt: frame.at }), note: async () => {} },
    certificates: { trust: async () => null, requestSigning: async () => 'no-authority' },
  },
  observer: gatewayMetrics().observer, log: { warn: (fields, text) => console.error(text, fields), error: (fields, text) => console.error(text, fields) },
});
process.stdout.write(`${JSON.stringify({ port: await server.listen() })}\n`);
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ cpuMicroseconds: user + system })}\n`);
});
process.stdin.on('end', () => process.exit(0));
