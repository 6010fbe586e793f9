import type { ChargingSiteSpec } from './schema.ts';

/*
 * Rules that a schema's bounds cannot say. Each is written twice, side by side: `cel` is what an API server enforces (its messages reach
 * `kubectl apply`), `holds` is the same rule for a file that no API server has seen. `accept` and `reject` change a valid spec; the suite
 * runs them against `holds`, and the cluster suite against a real API server.
 */
export interface SiteRule {
  /** Field names below the resource; [] is the resource itself. */
  at: string[];
  cel: string;
  message: string;
  /** `self` is the value at `at`, `old` the value before an update where the rule compares the two (then absent on create). */
  holds: (site: Sample, old: Sample | undefined) => boolean;
  accept: Edit;
  reject: Edit;
}

export interface Sample {
  name: string;
  spec: ChargingSiteSpec;
}

/** What to change in a valid site: its name, or fields of its spec; `before` is what the site was, for rules about updates. */
export interface Edit {
  name?: string;
  spec?: Record<string, unknown>;
  before?: Record<string, unknown>;
}

const LABEL = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
const HOST = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+$';
const ZONE = '^(UTC|[A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+)+)$';
const VERSION = '^[0-9]+[.][0-9]+[.][0-9]+(-[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?)?$';
const FIVE_FIELDS = '^[!-~]+ [!-~]+ [!-~]+ [!-~]+ [!-~]+$';
// Classes that RE2 and JavaScript read alike: a bare dot they do not (RE2's takes every character but a line feed).
const TRIMMED = '^[^ \\n]([^\\n]*[^ \\n])?$';

const matches = (pattern: string, text: string | undefined): boolean => text === undefined || new RegExp(pattern).test(text);
const cel = (pattern: string): string => `self.matches('${pattern}')`;

export const siteRules: SiteRule[] = [
  {
    at: [],
    cel: 'self.metadata.name.size() <= 40',
    message: 'must have a name of at most 40 characters, because the names of what it owns are made from it',
    holds: (site) => site.name.length <= 40,
    accept: { name: 'a'.repeat(40) },
    reject: { name: 'a'.repeat(41) },
  },
  {
    at: [],
    cel: "!self.metadata.name.contains('.')",
    message: 'must have a name without dots',
    holds: (site) => !site.name.includes('.'),
    accept: { name: 'bandung-01' },
    reject: { name: 'bandung.01' },
  },
  {
    at: ['spec', 'displayName'],
    cel: cel(TRIMMED),
    message: 'must be one line that does not begin or end with a blank',
    holds: ({ spec }) => matches(TRIMMED, spec.displayName),
    accept: { spec: { displayName: 'SPKLU Bandung 01' } },
    reject: { spec: { displayName: ' SPKLU Bandung 01' } },
  },
  {
    at: ['spec', 'location'],
    cel: 'self.latitude != 0.0 || self.longitude != 0.0',
    message: 'must not be 0, 0: that is a place in the sea and a sign of a missing position',
    holds: ({ spec }) => spec.location.latitude !== 0 || spec.location.longitude !== 0,
    accept: { spec: { location: { latitude: 0, longitude: 109.3333 } } },
    reject: { spec: { location: { latitude: 0, longitude: 0 } } },
  },
  {
    at: ['spec', 'location', 'address'],
    cel: cel(TRIMMED),
    message: 'must be one line that does not begin or end with a blank',
    holds: ({ spec }) => matches(TRIMMED, spec.location.address),
    accept: { spec: { location: { address: 'Jl. Asia Afrika 1' } } },
    reject: { spec: { location: { address: 'Jl. Asia Afrika 1 ' } } },
  },
  {
    at: ['spec', 'location', 'timeZone'],
    cel: cel(ZONE),
    message: 'must be an IANA name such as Asia/Jakarta, or UTC',
    holds: ({ spec }) => matches(ZONE, spec.location.timeZone),
    accept: { spec: { location: { timeZone: 'America/Argentina/Buenos_Aires' } } },
    reject: { spec: { location: { timeZone: 'WIB' } } },
  },
  {
    at: ['spec', 'location', 'timeZone'],
    cel: 'self == oldSelf',
    message: 'cannot be changed, because the days of its bills and the hours of its forecasts follow it',
    holds: ({ spec }, old) => old === undefined || spec.location.timeZone === old.spec.location.timeZone,
    accept: { spec: { location: { timeZone: 'Asia/Jakarta' } }, before: { location: { timeZone: 'Asia/Jakarta' } } },
    reject: { spec: { location: { timeZone: 'Asia/Makassar' } }, before: { location: { timeZone: 'Asia/Jakarta' } } },
  },
  {
    at: ['spec', 'ocpp'],
    cel: 'self.securityProfile < 3 || has(self.host)',
    message: 'must name a host when securityProfile is 3, because client certificates are checked behind a host of their own',
    holds: ({ spec }) => spec.ocpp.securityProfile < 3 || spec.ocpp.host !== undefined,
    accept: { spec: { ocpp: { securityProfile: 3, host: 'ocpp.example.com' } } },
    reject: { spec: { ocpp: { securityProfile: 3 } } },
  },
  {
    at: ['spec', 'ocpp', 'securityProfile'],
    cel: 'self >= oldSelf',
    message: 'cannot be lowered: a charger refuses a lower security profile (OCPP 2.0.1 A05, 1.6 security whitepaper)',
    holds: ({ spec }, old) => old === undefined || spec.ocpp.securityProfile >= old.spec.ocpp.securityProfile,
    accept: { spec: { ocpp: { securityProfile: 2 } }, before: { ocpp: { securityProfile: 1 } } },
    reject: { spec: { ocpp: { securityProfile: 1 } }, before: { ocpp: { securityProfile: 2 } } },
  },
  {
    at: ['spec', 'ocpp', 'host'],
    cel: cel(HOST),
    message: 'must be a host name in lower case such as ocpp.example.com, without wss:// and without a path',
    holds: ({ spec }) => matches(HOST, spec.ocpp.host),
    accept: { spec: { ocpp: { host: 'ocpp.example.com' } } },
    reject: { spec: { ocpp: { host: 'wss://ocpp.example.com/ocpp' } } },
  },
  {
    at: ['spec', 'gateway', 'pool'],
    cel: cel(LABEL),
    message: 'must be lower-case letters, digits and dashes',
    holds: ({ spec }) => matches(LABEL, spec.gateway.pool),
    accept: { spec: { gateway: { pool: 'fast-dc' } } },
    reject: { spec: { gateway: { pool: 'Fast DC' } } },
  },
  {
    at: ['spec', 'gateway', 'replicas'],
    cel: 'self.min <= self.max',
    message: 'must have min no larger than max',
    holds: ({ spec }) => spec.gateway.replicas.min <= spec.gateway.replicas.max,
    accept: { spec: { gateway: { replicas: { min: 3, max: 3 } } } },
    reject: { spec: { gateway: { replicas: { min: 4, max: 3 } } } },
  },
  {
    at: ['spec', 'gateway'],
    cel: 'self.replicas.max * self.connectionsPerReplica <= 1000000',
    message: 'must not ask for more than 1,000,000 connections (replicas.max times connectionsPerReplica)',
    holds: ({ spec }) => spec.gateway.replicas.max * spec.gateway.connectionsPerReplica <= 1_000_000,
    accept: { spec: { gateway: { replicas: { max: 20 }, connectionsPerReplica: 50_000 } } },
    reject: { spec: { gateway: { replicas: { max: 21 }, connectionsPerReplica: 50_000 } } },
  },
  {
    at: ['spec', 'gateway'],
    cel: '!has(self.terminationGraceSeconds) || self.terminationGraceSeconds >= self.drainSeconds + 30',
    message: 'must have terminationGraceSeconds of at least drainSeconds + 30, or a gateway is killed before it has drained',
    holds: ({ spec }) => spec.gateway.terminationGraceSeconds === undefined || spec.gateway.terminationGraceSeconds >= spec.gateway.drainSeconds + 30,
    accept: { spec: { gateway: { drainSeconds: 60, terminationGraceSeconds: 90 } } },
    reject: { spec: { gateway: { drainSeconds: 60, terminationGraceSeconds: 89 } } },
  },
  {
    at: ['spec', 'grid', 'maxPowerKw'],
    cel: 'self > 0.0',
    message: 'must be more than 0 kW',
    holds: ({ spec }) => spec.grid.maxPowerKw > 0,
    accept: { spec: { grid: { maxPowerKw: 7.4 } } },
    reject: { spec: { grid: { maxPowerKw: 0 } } },
  },
  {
    at: ['spec', 'training', 'schedule'],
    cel: cel(FIVE_FIELDS),
    message: 'must be five cron fields with one blank between them, such as 0 2 * * *',
    holds: ({ spec }) => matches(FIVE_FIELDS, spec.training.schedule),
    accept: { spec: { training: { schedule: '30 1 * * *' } } },
    reject: { spec: { training: { schedule: '30 1 * * * *' } } },
  },
  {
    at: ['spec', 'training', 'schedule'],
    cel: "!self.contains('TZ')",
    message: 'must not name a time zone: spec.location.timeZone holds',
    holds: ({ spec }) => !spec.training.schedule.includes('TZ'),
    accept: { spec: { training: { schedule: '0 4 * * 1-5' } } },
    reject: { spec: { training: { schedule: 'TZ=Asia/Jakarta 4 * * *' } } },
  },
  {
    at: ['spec', 'training', 'deepSchedule'],
    cel: cel(FIVE_FIELDS),
    message: 'must be five cron fields with one blank between them, such as 0 3 * * 0',
    holds: ({ spec }) => matches(FIVE_FIELDS, spec.training.deepSchedule),
    accept: { spec: { training: { deepSchedule: '0 4 * * 6' } } },
    reject: { spec: { training: { deepSchedule: 'every sunday' } } },
  },
  {
    at: ['spec', 'training', 'deepSchedule'],
    cel: "!self.contains('TZ')",
    message: 'must not name a time zone: spec.location.timeZone holds',
    holds: ({ spec }) => !spec.training.deepSchedule.includes('TZ'),
    accept: { spec: { training: { deepSchedule: '0 5 * * 6' } } },
    reject: { spec: { training: { deepSchedule: 'TZ=Asia/Jakarta 4 * * *' } } },
  },
  {
    at: ['spec', 'training'],
    cel: 'self.schedule != self.deepSchedule',
    message: 'must not start both runs at the same time',
    holds: ({ spec }) => spec.training.schedule !== spec.training.deepSchedule,
    accept: { spec: { training: { schedule: '0 2 * * *', deepSchedule: '0 4 * * 0' } } },
    reject: { spec: { training: { schedule: '0 2 * * *', deepSchedule: '0 2 * * *' } } },
  },
  {
    at: ['spec', 'dashboard', 'host'],
    cel: cel(HOST),
    message: 'must be a host name in lower case such as bandung.example.com, without https:// and without a path',
    holds: ({ spec }) => matches(HOST, spec.dashboard.host),
    accept: { spec: { dashboard: { host: 'bandung.example.com' } } },
    reject: { spec: { dashboard: { host: 'Bandung' } } },
  },
  {
    at: ['spec'],
    cel: '!has(self.dashboard.host) || !has(self.ocpp.host) || self.dashboard.host != self.ocpp.host',
    message: 'must not give the dashboard and the chargers the same host',
    holds: ({ spec }) => spec.dashboard.host === undefined || spec.dashboard.host !== spec.ocpp.host,
    accept: { spec: { dashboard: { host: 'bandung.example.com' }, ocpp: { host: 'ocpp.example.com' } } },
    reject: { spec: { dashboard: { host: 'bandung.example.com' }, ocpp: { host: 'bandung.example.com' } } },
  },
  {
    at: ['spec', 'mirror', 'firebase', 'databaseUrl'],
    cel: "self.startsWith('https://')",
    message: 'must begin with https://',
    holds: ({ spec }) => spec.mirror.firebase === undefined || spec.mirror.firebase.databaseUrl.startsWith('https://'),
    accept: { spec: { mirror: { firebase: { databaseUrl: 'https://bandung.firebaseio.com', credentialsSecret: 'firebase' } } } },
    reject: { spec: { mirror: { firebase: { databaseUrl: 'http://bandung.firebaseio.com', credentialsSecret: 'firebase' } } } },
  },
  {
    at: ['spec', 'mirror', 'firebase', 'databaseUrl'],
    cel: "!self.contains('@') && !self.contains('auth=')",
    message: 'must not carry a password or a key: those belong into the Secret',
    holds: ({ spec }) => !/@|auth=/.test(spec.mirror.firebase?.databaseUrl ?? ''),
    accept: { spec: { mirror: { firebase: { databaseUrl: 'https://jakarta.firebaseio.com', credentialsSecret: 'firebase' } } } },
    reject: { spec: { mirror: { firebase: { databaseUrl: 'https://jakarta.firebaseio.com?auth=abc', credentialsSecret: 'firebase' } } } },
  },
  {
    at: ['spec', 'mirror', 'firebase', 'credentialsSecret'],
    cel: "!self.startsWith('csms-')",
    message: "must not be one of the platform's own secrets, whose names begin with csms-",
    holds: ({ spec }) => !(spec.mirror.firebase?.credentialsSecret ?? '').startsWith('csms-'),
    accept: { spec: { mirror: { firebase: { databaseUrl: 'https://solo.firebaseio.com', credentialsSecret: 'firebase-key' } } } },
    reject: { spec: { mirror: { firebase: { databaseUrl: 'https://solo.firebaseio.com', credentialsSecret: 'csms-database' } } } },
  },
  {
    at: ['spec', 'version'],
    cel: cel(VERSION),
    message: 'must be a version such as 1.4.0 or 1.5.0-rc.1',
    holds: ({ spec }) => matches(VERSION, spec.version),
    accept: { spec: { version: '1.5.0-rc.1' } },
    reject: { spec: { version: 'latest' } },
  },
];
