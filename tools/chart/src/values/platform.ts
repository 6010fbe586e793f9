import { Platform } from '@csms/operator/site/platform';
import { z } from 'zod';
import { host, ownImage, portNumber, resources, secretName, size } from './parts.ts';

/** What holds for every pod. */
export const global = z.strictObject({
  imageRegistry: z.string().default('').describe('One registry for all images, such as a mirror of your own.'),
  imagePullSecrets: z.array(z.string().min(1)).default([]).describe('Names of Secrets of type kubernetes.io/dockerconfigjson.'),
  storageClass: z.string().default('').describe('Empty: the class that the cluster has as its default.'),
  priorityClassName: z.string().default('').describe('A PriorityClass for all pods of the platform.'),
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Labels that a node must have; kubernetes.io/arch: arm64 is one.'),
  tolerations: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).default([]),
}).prefault({});

export const hosts = z.strictObject({
  api: host.describe('Where programs and stations (files, firmware) reach the API from outside.'),
  ocpp: host.describe('Where stations connect: wss://HOST/ocpp.'),
  dashboard: host.describe('Where people sign in at sites that name no host of their own.'),
  identity: host.describe('Public name of Keycloak; the issuer is https://HOST/realms/csms.'),
  grafana: host,
}).prefault({}).describe('Public names. Empty: reached inside the cluster only.');

export const exposure = z.strictObject({
  kind: z.enum(['none', 'ingress', 'gateway']).default('none').describe('How the names of hosts come in: not at all, Ingress objects, or HTTPRoutes of the Gateway API.'),
  ingress: z.strictObject({
    className: z.string().default(''),
    annotations: z.record(z.string(), z.string()).default({}),
    annotationsOf: z.partialRecord(z.enum(['api', 'keycloak', 'grafana']), z.record(z.string(), z.string())).default({ keycloak: { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' } }).describe('More annotations by component; Keycloak is spoken to in TLS.'),
  }).prefault({}),
  gateway: z.strictObject({ name: z.string().default(''), namespace: z.string().default('').describe('Empty: the release’s.') }).prefault({}).describe('The Gateway that routes hang on.'),
}).prefault({});

export const certificates = z.strictObject({
  mode: z.enum(['self-signed', 'cert-manager', 'existing']).default('self-signed').describe('Where the certificate of stations comes from: an authority of this installation’s own, cert-manager, or you.'),
  gatewaySecret: z.string().min(1).default('csms-gateway-tls').describe('Secret of type kubernetes.io/tls that gateways serve; with mode existing it must be there.'),
  names: z.array(z.string().min(1)).default(['*.demo.svc']).describe('Under mode self-signed: more names that the certificate holds for, such as *.NAMESPACE.svc of sites whose stations are inside the cluster.'),
  issuer: z.strictObject({ kind: z.enum(['Issuer', 'ClusterIssuer']).default('ClusterIssuer'), name: z.string().default('csms') }).prefault({}).describe('Of cert-manager.'),
  acme: z.strictObject({
    email: z.string().regex(/^$|^[^@ ]+@[^@ ]+$/).default('').describe('Set: the chart makes the ClusterIssuer, with HTTP-01 through exposure.ingress.className.'),
    server: z.url().default('https://acme-v02.api.letsencrypt.org/directory'),
  }).prefault({}),
}).prefault({});

export const operator = z.strictObject({
  image: ownImage('operator'),
  replicas: z.int().min(1).max(5).default(2).describe('One works, the others wait for its lease.'),
  workers: z.int().min(1).max(64).default(4),
  maxConcurrentRollouts: z.int().min(1).max(100).default(1).describe('Pools whose gateways are replaced at the same time after an upgrade or an edit; the others wait as they are.'),
  watchNamespaces: z.array(z.string().min(1).max(63)).max(100).default([]).describe('The only namespaces whose sites are looked after, which must exist; the operator then has Roles in those and no right in the cluster as a whole. Empty: all. Delete the sites of such a namespace before the namespace: its Roles go first.'),
  resources: resources('50m', '160Mi', '384Mi'),
}).prefault({});

export const api = z.strictObject({
  image: ownImage('api'),
  replicas: z.int().min(1).max(20).default(1).describe('More than one needs api.files.s3, or a storage class that many nodes can write to.'),
  resources: resources('100m', '192Mi', '512Mi'),
  retentionDays: z.int().min(1).max(3_650).default(400).describe('How long meter readings are kept.'),
  requestsPerMinute: z.int().min(1).default(600).describe('Of one token’s holder.'),
  trustedProxies: z.array(z.string()).default([]).describe('Addresses or networks whose X-Forwarded-For is believed.'),
  corsOrigins: z.array(z.url()).default([]).describe('Pages of other origins that may call.'),
  outgoing: z.boolean().default(false).describe('Lets the API call https addresses outside: signers, revocation lists.'),
  authoritiesSecret: secretName.describe('Secret with <tenant>.ca.pem and <tenant>.ca.key for each of api.authorityTenants: who signs the certificates of stations.'),
  authorityTenants: z.array(z.string().min(1)).default([]),
  files: z.strictObject({
    size: size.default('10Gi').describe('Of the claim for files of stations and firmware.'),
    s3: z.strictObject({
      url: z.union([z.literal(''), z.url()]).default('').describe('A bucket instead of the claim: https://host/bucket.'),
      region: z.string().default('us-east-1'),
      existingSecret: secretName.describe('With the keys accessKeyId and secretAccessKey.'),
    }).prefault({}),
  }).prefault({}),
}).prefault({});

export const sites = z.strictObject({
  images: z.strictObject({ gateway: ownImage('ocpp-gateway'), dashboard: ownImage('dashboard'), trainer: ownImage('ml-trainer'), mirror: ownImage('mirror') }).prefault({}),
  ocppPort: portNumber.default(9221).describe('The port that gateways listen on, TLS.'),
  defaultTenant: z.string().default('').describe('Whose stations connect without a tenant in the path. Empty: that of the namespace.'),
  dashboardReplicas: z.int().min(1).max(20).default(2),
  dashboardHosts: z.array(z.string().min(1)).default([]).describe('Host names of sites’ dashboards that may sign in.'),
  existingGatewaySecret: secretName.describe('With CSMS_CREDENTIAL_PEPPER, without which no station’s password is known again. Empty: made once.'),
  platform: z.record(z.string(), z.unknown()).default({}).describe(`More of what the operator gives to every site, as in docs/reference/operator-settings.md: ${Object.keys(Platform.shape).join(', ')}.`),
}).prefault({}).describe('What the operator gives to every site.');

export const metricsApi = z.strictObject({
  enabled: z.boolean().default(true).describe('Autoscalers are told by the operator how many stations hang on each gateway. A cluster has this API once: where another adapter serves custom.metrics.k8s.io, it stays, and where it is away, namespaces cannot be deleted until it is back.'),
}).prefault({}).describe('custom.metrics.k8s.io, by which the number of gateways follows that of stations.');

export const selfTest = z.strictObject({
  image: ownImage('edge'),
  tenant: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/).default('self-test').describe('Whose books the charger of helm test charges in; nobody else’s.'),
  endpoint: z.union([z.literal(''), z.url({ protocol: /^wss$/ })]).default('').describe('Where it connects: wss://HOST/ocpp. Empty: where stations do, hosts.ocpp or the first site of the notes.'),
  existingSecret: secretName.describe('With OIDC_CLIENT_ID and OIDC_CLIENT_SECRET of a client with role admin of that tenant. Empty: made with Keycloak; where that is somebody else’s, no charger charges.'),
  trustSecret: secretName.describe('With ca.crt, where the gateways’ certificate is neither publicly trusted nor of this installation’s authority.'),
}).prefault({}).describe('helm test: signs in, asks the API, and lets a charger charge.');
