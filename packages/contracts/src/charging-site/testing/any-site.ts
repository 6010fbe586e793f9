import * as fc from 'fast-check';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,15}[a-z0-9])?$/);
const host = fc.tuple(label, fc.constantFrom('example.com', 'charge.example', 'a-b.c.example')).map((parts) => parts.join('.'));
const line = fc.stringMatching(/^[A-Za-zäß日\u{1F50C}'"\\]([ A-Za-z0-9äß日,.'"\\-]{0,30}[A-Za-z0-9])?$/u);
const cron = fc.constantFrom('0 2 * * *', '30 1 * * 1-5', '*/15 3 1 * *', '0 3 * * 0', '5 4 * * 6');
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const degrees = (max: number): fc.Arbitrary<number> => fc.integer({ min: -max * 10_000, max: max * 10_000 }).map((value) => value / 10_000);

/** Any valid spec, as a person might write it: fields that have a default may be missing. */
export const anySpec: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    displayName: line,
    location: fc.record({ latitude: degrees(90), longitude: degrees(180), address: optional(line), timeZone: fc.constantFrom('Asia/Jakarta', 'UTC', 'America/Argentina/Buenos_Aires') }).filter(({ latitude, longitude }) => latitude !== 0 || longitude !== 0),
    ocpp: optional(fc.record({ versions: optional(fc.uniqueArray(fc.constantFrom('ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'), { minLength: 1 })), securityProfile: optional(fc.constantFrom(1, 2)), heartbeatIntervalSeconds: optional(fc.integer({ min: 10, max: 86_400 })) })),
    gateway: optional(fc.record({ pool: optional(label), replicas: optional(fc.record({ min: fc.integer({ min: 1, max: 5 }), max: fc.integer({ min: 5, max: 20 }) })), connectionsPerReplica: optional(fc.integer({ min: 1, max: 50_000 })), drainSeconds: optional(fc.integer({ min: 0, max: 600 })), terminationGraceSeconds: optional(fc.integer({ min: 630, max: 7200 })) })),
    grid: fc.record({ maxPowerKw: fc.integer({ min: 1, max: 1_000_000 }).map((value) => value / 10) }),
    training: optional(fc.record({ schedule: cron, deepSchedule: cron, horizonHours: optional(fc.integer({ min: 1, max: 168 })) }).filter(({ schedule, deepSchedule }) => schedule !== deepSchedule)),
    dashboard: optional(fc.record({ host: optional(host) })),
    mirror: optional(fc.record({ firebase: optional(fc.record({ databaseUrl: label.map((name) => `https://${name}.firebaseio.com`), credentialsSecret: label.map((name) => `fb-${name}`) })) })),
    version: optional(fc.constantFrom('1.4.0', '1.5.0-rc.1')),
  })
  .map((spec) => plain(spec) as Record<string, unknown>);

/** Without fields that are undefined, as JSON has it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
