import { z } from 'zod';

const name = z.string().min(1);

/** What the platform gives to every site, gathered once at the edge (CSMS_PLATFORM, JSON). The reference of the fields is docs/reference/operator-settings.md. */
export const Platform = z.strictObject({
  mode: z.enum(['lab', 'production']).default('production').describe('lab: security profile 1 on a plain port, all addresses are those of the platform.'),
  namespace: name.optional().describe('Where the platform’s Secrets live; the operator copies them into each namespace that has sites. Absent: they are already there.'),
  defaultTenant: name.optional().describe('Whose chargers connect without naming a tenant in the path. Absent: the tenant of the pool’s namespace.'),
  images: z.strictObject({ gateway: name, dashboard: name, trainer: name }),
  apiUrl: z.url().describe('Where processes reach the API.'),
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
    .strictObject({ database: name.default('csms-database'), bus: name.default('csms-bus'), gateway: name.default('csms-gateway'), dashboard: name.default('csms-dashboard'), gatewayTls: name.optional().describe('A Secret of type kubernetes.io/tls: the certificate under which gateways take stations. Production needs it: there every port is TLS.') })
    .prefault({})
    .describe('Names of the Secrets whose keys are environment variables: DATABASE_URL; BUS_DATABASE_URL or REDIS_URL; CSMS_CREDENTIAL_PEPPER; OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, CSMS_COOKIE_SECRET.'),
  logLevel: z.string().default('info'),
});
export type Platform = z.infer<typeof Platform>;

/** A namespace as builders see it: its name and whose it is. */
export interface Namespace {
  name: string;
  tenant: string;
}
