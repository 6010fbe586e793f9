import type { JsonObject } from '@csms/kube';

/** What somebody who may write sites of one namespace might try; `refused` by the API server, or `harmless` in what is made of it. */
export interface HostileSite {
  title: string;
  name?: string;
  spec?: JsonObject;
  metadata?: JsonObject;
  verdict: 'refused' | 'harmless';
}

const refused = (title: string, spec: JsonObject): HostileSite => ({ title, spec, verdict: 'refused' });
const harmless = (title: string, spec: JsonObject): HostileSite => ({ title, spec, verdict: 'harmless' });
const tagged = (title: string, metadata: JsonObject, verdict: HostileSite['verdict'] = 'harmless'): HostileSite => ({ title, metadata, verdict });
const firebase = (databaseUrl: string, credentialsSecret = 'firebase'): JsonObject => ({ mirror: { firebase: { databaseUrl, credentialsSecret } } });

const long = (characters: number): string => 'a'.repeat(characters);

export const hostileSites: HostileSite[] = [
  // Names that would become names of other things.
  { title: 'a name longer than what is made from it may be', name: long(41), verdict: 'refused' },
  { title: 'a name with dots', name: 'a.b', verdict: 'refused' },
  { title: 'a name like an object of the platform', name: 'csms-gateway-default', verdict: 'harmless' },
  { title: 'a name like another site’s trainer', name: 'bandung-01-daily', verdict: 'harmless' },
  { title: 'a name of digits', name: '0', verdict: 'harmless' },
  { title: 'a name of forty characters', name: `${long(38)}-1`, verdict: 'harmless' },
  // Pools become names of Deployments and Services.
  refused('a pool that climbs out of a path', { gateway: { pool: '../../kube-system' } }),
  refused('a pool with a label’s separator', { gateway: { pool: 'a.b' } }),
  refused('a pool with a blank', { gateway: { pool: 'a b' } }),
  refused('a pool in capitals', { gateway: { pool: 'Default' } }),
  refused('a pool that ends with a dash', { gateway: { pool: 'a-' } }),
  refused('a pool with a line feed', { gateway: { pool: 'default\n' } }),
  refused('a pool of twenty-one characters', { gateway: { pool: long(21) } }),
  refused('a pool without a name', { gateway: { pool: '' } }),
  harmless('a pool like the suffix of a Service', { gateway: { pool: 'default-pods' } }),
  harmless('a pool like the suffix of a Secret', { gateway: { pool: 'default-tls' } }),
  // Sizes that would starve others.
  refused('a million gateways', { gateway: { replicas: { min: 1_000_000, max: 1_000_000 } } }),
  refused('no gateway at all', { gateway: { replicas: { min: 0, max: 1 } } }),
  refused('fewer than none', { gateway: { replicas: { min: -1 } } }),
  refused('more connections than a fleet has', { gateway: { replicas: { min: 1, max: 100 }, connectionsPerReplica: 50_000 } }),
  refused('a number of connections that is none', { gateway: { connectionsPerReplica: 1e21 } }),
  refused('half a gateway', { gateway: { replicas: { min: 1.5 } } }),
  refused('a drain of a year', { gateway: { drainSeconds: 31_536_000 } }),
  refused('a grace shorter than the drain', { gateway: { drainSeconds: 600, terminationGraceSeconds: 30 } }),
  harmless('as many gateways as one may have', { gateway: { replicas: { min: 100, max: 100 }, connectionsPerReplica: 1 } }),
  // Hosts become rules of Ingresses, routes and certificates.
  refused('every host there is', { dashboard: { host: '*' } }),
  refused('every host below a domain', { dashboard: { host: '*.example.com' } }),
  refused('a host with a path', { dashboard: { host: 'a.example.com/admin' } }),
  refused('a host with a port', { dashboard: { host: 'a.example.com:443' } }),
  refused('a host with a second line', { dashboard: { host: 'a.example.com\nb.example.com' } }),
  refused('a host in a template', { dashboard: { host: '{{ .Values.host }}.example.com' } }),
  refused('a host with a comment', { dashboard: { host: 'a.example.com#' } }),
  refused('a host with a quote', { dashboard: { host: 'a.example.com"; return 200; #' } }),
  refused('a host without a dot', { dashboard: { host: 'kubernetes' } }),
  refused('one host for two purposes', { dashboard: { host: 'a.example.com' }, ocpp: { host: 'a.example.com' } }),
  refused('a host longer than hosts are', { ocpp: { host: `${`${long(60)}.`.repeat(5)}com` } }),
  harmless('the host of the API server', { dashboard: { host: 'kubernetes.default.svc' } }),
  harmless('a host that looks like an address', { ocpp: { host: '10.96.0.1' } }),
  harmless('a host of many labels', { dashboard: { host: `${'a.'.repeat(100)}example.com` } }),
  // Schedules and zones become fields of CronJobs.
  refused('a schedule with a zone', { training: { schedule: 'TZ=UTC * * * *' } }),
  refused('a schedule with a command', { training: { schedule: '0 2 * * *; rm -rf /' } }),
  refused('a schedule with a line feed', { training: { schedule: '0 2 * * *\n* * * * *' } }),
  refused('a schedule by word', { training: { schedule: '@every 1s 1 1' } }),
  refused('a zone that is a path', { location: { timeZone: '../../etc/passwd' } }),
  refused('a zone with a line feed', { location: { timeZone: 'Asia/Jakarta\n' } }),
  refused('a look-ahead of a year', { training: { horizonHours: 8760 } }),
  harmless('training every minute', { training: { schedule: '* * * * *' } }),
  // Versions become tags of images.
  refused('a version that is an image', { version: 'evil.example.com/x:1.0.0' }),
  refused('a version that is a digest', { version: `1.0.0@sha256:${long(20)}` }),
  refused('a floating version', { version: 'latest' }),
  harmless('a version that nobody offers', { version: '6.6.6' }),
  // Secrets and addresses of the mirror.
  refused('the platform’s database as credentials', firebase('https://a.firebaseio.com', 'csms-database')),
  refused('a password in an address', firebase('https://user:pass@a.firebaseio.com')),
  refused('a key in an address', firebase('https://a.firebaseio.com?auth=abc')),
  refused('an address of another scheme', firebase('file:///etc/passwd')),
  harmless('credentials that are not there', firebase('https://a.firebaseio.com', 'nothing')),
  // Texts.
  refused('a name with a second line', { displayName: 'a\nkind: Pod' }),
  refused('a name of a megabyte', { displayName: long(1_000_000) }),
  harmless('a name with markup', { displayName: '<script>alert(1)</script>' }),
  harmless('a name with a formula', { displayName: '=cmd|\' /C calc\'!A0' }),
  harmless('a name that reads from right to left', { displayName: 'SPKLU \u202Egnudnab' }),
  harmless('a name with a variable of Kubernetes', { displayName: '$(DATABASE_URL) ${HOME} $$(X)' }),
  harmless('an address with a query of Prometheus', { location: { address: '"} or vector(1) # {{ $value }}' } }),
  // Fields that do not exist, and types that are not asked for.
  refused('a pod of one’s own', { gateway: { template: { spec: { hostNetwork: true } } } }),
  refused('an image of one’s own', { images: { gateway: 'evil.example.com/x' } }),
  refused('a field named after every object’s parent', { ['__proto__x']: { polluted: true }, constructor: {} }),
  refused('a list where a group is expected', { gateway: [] }),
  refused('nothing where a group is expected', { grid: null }),
  refused('no dialect at all', { ocpp: { versions: [] } }),
  refused('power that is none', { grid: { maxPowerKw: -1 } }),
  refused('a heartbeat every second', { ocpp: { heartbeatIntervalSeconds: 1 } }),
  // Metadata.
  tagged('labels of the operator’s own objects', { labels: { 'app.kubernetes.io/managed-by': 'csms-operator', 'csms.charge-it.io/owner': 'namespace' } }),
  tagged('annotations of the operator', { annotations: { 'csms.charge-it.io/applied-hash': 'x', 'csms.charge-it.io/template-hash': 'x', 'csms.charge-it.io/replicas-by': 'autoscaler' } }),
  tagged('an annotation of 200 kB', { annotations: { note: long(200_000) } }),
  tagged('an owner that is a Node', { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'a', uid: '11111111-1111-1111-1111-111111111111' }] }),
  tagged('a finalizer of somebody else', { finalizers: ['example.com/forever'] }),
  tagged('a label that is none', { labels: { 'a b': 'c' } }, 'refused'),
];
