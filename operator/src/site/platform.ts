import type { Kind } from '@csms/kube/kind';
import { z } from 'zod';
import { Autoscaling } from './platform-autoscaling.ts';
import { Monitoring, NetworkPlatform, Routes } from './platform-network.ts';

const name = z.string().min(1);
const version = z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'it is no version such as 1.4.0');
const images = z.strictObject({ gateway: name, dashboard: name, trainer: name, mirror: name.optional().describe('Absent: no site is shown to the public.') });

/** What the platform gives to every site, gathered once at the edge (CSMS_PLATFORM, JSON). The reference of the fields is docs/reference/operator-settings.md. */
export const Platform = z.strictObject({
  mode: z.enum(['lab', 'production']).default('production').describe('lab: security profile 1 on a plain port, all addresses are those of the platform.'),
  namespace: name.optional().describe('Where the platform’s Secrets live; the operator copies them into each namespace that has sites. Absent: they are already there.'),
  defaultTenant: name.optional().describe('Whose chargers connect without naming a tenant in the path. Absent: the tenant of the pool’s namespace.'),
  images,
  version: name.optional().describe('Which version `images` are. Absent: sites cannot ask for one.'),
  versions: z.record(version, images).default({}).describe('Other versions that sites may ask for (`spec.version`), with their images. What is not named here or by `version` nobody runs.'),
  rollouts: z
    .strictObject({ maxConcurrent: z.int().min(1).max(100).default(1).describe('Pools whose gateways are replaced at the same time; the others wait as they are.') })
    .prefault({})
    .describe('How a change of the gateways goes through the cluster.'),
  apiUrl: z.url().describe('Where processes reach the API.'),
  reservedHosts: z.array(z.string().min(1).max(253)).max(20).default([]).describe('Hosts of the platform itself (API, identity, Grafana), which no site may take. That of the issuer always belongs to them.'),
  oidc: z.strictObject({ issuer: z.url(), audience: name.default('csms-api') }),
  ocpp: z.strictObject({
    port: z.int().min(1).max(65_535).describe('The port that gateways listen on: plain in lab mode, TLS in production.'),
    endpoint: z.string().min(1).describe('What a charger is told, without tenant and identity, such as ws://127.0.0.1:9220/ocpp.'),
  }),
  dashboard: z.strictObject({
    port: z.int().min(1).max(65_535),
    url: z.url().describe('Public origin where a site names no host of its own.'),
    replicas: z.int().min(1).max(20).default(2),
    onlyNamespace: name.optional().describe('One dashboard for all namespaces, in this one: for a machine where a port exists once.'),
  }),
  secrets: z
    .strictObject({ database: name.default('csms-database'), bus: name.default('csms-bus'), gateway: name.default('csms-gateway'), dashboard: name.default('csms-dashboard'), gatewayTls: name.optional().describe('A Secret of type kubernetes.io/tls: the certificate under which gateways take stations. Production needs it: there every port is TLS.'), authority: name.optional().describe('A Secret with ca.crt: whom dashboards trust beside the public authorities, for an issuer with a certificate of a private one. Absent: nobody.') })
    .prefault({})
    .describe('Names of the Secrets whose keys are environment variables: DATABASE_URL; BUS_DATABASE_URL or REDIS_URL; CSMS_CREDENTIAL_PEPPER; OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, CSMS_COOKIE_SECRET.'),
  service: z
    .strictObject({
      type: z.enum(['ClusterIP', 'LoadBalancer']).default('ClusterIP').describe('LoadBalancer: chargers reach a pool at an address of its own; ClusterIP: through a route.'),
      externalTrafficPolicy: z.enum(['Local', 'Cluster']).default('Local').describe('Of a LoadBalancer. Local keeps the addresses of chargers, which limits and logs need.'),
      annotations: z.record(z.string(), z.string()).default({}).describe('What the load balancer of the cloud wants to be told.'),
    })
    .prefault({})
    .describe('The Service before the gateways of a pool.'),
  routes: Routes.optional(),
  certificates: z
    .strictObject({ issuer: name, issuerKind: z.enum(['Issuer', 'ClusterIssuer']).default('ClusterIssuer') })
    .optional()
    .describe('Whom cert-manager asks for the certificates of hosts that sites name. Absent: gateways show `secrets.gatewayTls`, hosts of dashboards the certificate of the route.'),
  network: NetworkPlatform,
  autoscaling: Autoscaling,
  monitoring: Monitoring,
  scheduling: z
    .strictObject({ priorityClassName: name.optional(), nodeSelector: z.record(z.string(), z.string()).default({}), imagePullSecrets: z.array(name).max(10).default([]), tolerations: z.array(z.strictObject({ key: name, operator: z.enum(['Exists', 'Equal']).default('Exists'), value: name.optional(), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional() })).max(10).default([]) })
    .prefault({})
    .describe('Where the pods of sites run.'),
  access: z
    .strictObject({ viewers: name.optional(), editors: name.optional() })
    .prefault({})
    .describe('Groups that may read, or also write, the sites of a namespace; `{tenant}` stands for the tenant. Absent: nobody beside the platform.'),
  logLevel: z.string().default('info'),
});
export type Platform = z.infer<typeof Platform>;

/** Whether the cluster serves a kind; of the builders those ask that have a choice. What it does not serve is left out when objects are applied. */
export type Offers = (kind: Kind) => boolean;

/** A namespace as builders see it: its name and whose it is. */
export interface Namespace {
  name: string;
  tenant: string;
}
