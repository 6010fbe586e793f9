import { z } from 'zod';
import { image, portNumber, resources, secretName, size } from './parts.ts';

const DEBIAN_POSTGRES = '17.6-bookworm';

export const postgres = z.strictObject({
  enabled: z.boolean().default(true),
  image: image('docker.io', 'library/postgres', DEBIAN_POSTGRES),
  size: size.default('20Gi'),
  connectionsMax: z.int().min(20).max(5_000).default(200),
  sharedBuffers: z.string().regex(/^[1-9][0-9]*(MB|GB)$/).default('256MB'),
  resources: resources('250m', '512Mi', '1Gi'),
  external: z.strictObject({
    existingSecret: secretName.describe('With DATABASE_URL, as role csms_app.'),
    migrationSecret: secretName.describe('With CSMS_MIGRATE_OWNER_URL, as role csms_owner; CSMS_MIGRATE_ADMIN_URL where the chart shall make roles and database.'),
    port: portNumber.default(5_432),
  }).prefault({}).describe('Where enabled is false.'),
}).prefault({});

export const redis = z.strictObject({
  enabled: z.boolean().default(true),
  image: image('docker.io', 'library/redis', '7.2.11-bookworm'),
  memoryMax: z.string().regex(/^[1-9][0-9]*(mb|gb)$/).default('128mb'),
  resources: resources('50m', '32Mi', '192Mi'),
  external: z.strictObject({ existingSecret: secretName.describe('With REDIS_URL, or BUS_DATABASE_URL for the bus in PostgreSQL.'), port: portNumber.default(6_379) }).prefault({}).describe('Where enabled is false.'),
}).prefault({});

export const keycloak = z.strictObject({
  enabled: z.boolean().default(true),
  image: image('quay.io', 'keycloak/keycloak', '26.7.3'),
  args: z.array(z.string()).default(['start', '--import-realm']).describe('An image that was built with kc.sh build takes start --optimized --import-realm and is Ready in a third of the time.'),
  heap: z.string().default('-Xms64m -Xmx384m -XX:MaxMetaspaceSize=192m'),
  trustedProxies: z.array(z.string()).default(['127.0.0.1']).describe('Addresses or networks whose X-Forwarded headers are believed: your ingress controller’s.'),
  databaseSecret: secretName.describe('With KC_DB_URL, KC_DB_USERNAME, KC_DB_PASSWORD, where postgres.enabled is false.'),
  resources: resources('250m', '512Mi', '896Mi'),
  external: z.strictObject({
    issuer: z.union([z.literal(''), z.url()]).default('').describe('Of any OpenID Connect provider with the claims of docs/install.md.'),
    dashboardSecret: secretName.describe('With OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, CSMS_COOKIE_SECRET.'),
    operatorSecret: secretName.describe('With OIDC_CLIENT_ID, OIDC_CLIENT_SECRET of a client with role platform.'),
    authoritySecret: secretName.describe('With ca.crt, where the issuer’s certificate is not publicly trusted.'),
    port: portNumber.default(443),
  }).prefault({}).describe('Where enabled is false.'),
}).prefault({});

export const backup = z.strictObject({
  enabled: z.boolean().default(true),
  schedule: z.string().default('30 1 * * *'),
  timeZone: z.string().default('Asia/Jakarta'),
  keepDays: z.int().min(1).max(3_650).default(14),
  existingSecret: secretName.describe('With PGHOST, PGUSER, PGPASSWORD, DATABASES (by blanks), where postgres.enabled is false.'),
  claim: z.strictObject({ enabled: z.boolean().default(true), existing: z.string().default('').describe('A claim of yours, where enabled is false.'), size: size.default('20Gi'), storageClass: z.string().default('').describe('Another than that of the data, so that one disk does not hold both.') }).prefault({}),
  resources: resources('100m', '128Mi', '512Mi'),
}).prefault({}).describe('A dump of the databases each night, looked through before it counts.');
