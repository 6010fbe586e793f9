import { cardSettings, commonSettings, port } from '@csms/kit';
import { z } from 'zod';

const list = z.string().default('').transform((text) => text.split(',').map((each) => each.trim()).filter((each) => each !== ''));

/** Every setting of the API, read from the environment by kit's loadConfig. */
export const settings = {
  ...commonSettings,
  DATABASE_URL: z.string().describe('the books, as the application role'),
  REDIS_URL: z.string().optional().describe('the bus in Redis; absent: the bus in PostgreSQL'),
  BUS_DATABASE_URL: z.string().optional().describe('the bus in PostgreSQL; absent: under DATABASE_URL'),
  OIDC_ISSUER: z.url().describe('whose access tokens are accepted, as in their iss'),
  OIDC_AUDIENCE: z.string().default('csms-api').describe('our name in aud, and the client whose roles count'),
  CSMS_PEOPLE: z.enum(['keycloak', 'local', 'elsewhere']).default('elsewhere').describe('where the issuer\'s accounts are kept: in Keycloak, in the issuer of npm start, or where the platform does not reach'),
  CSMS_PEOPLE_URL: z.url().optional().describe('the accounts, where they are not at the issuer\'s address; Keycloak: https://host/admin/realms/<realm>'),
  CSMS_PEOPLE_CLIENT_ID: z.string().default('csms-api').describe('the client that keeps the accounts'),
  CSMS_PEOPLE_CLIENT_SECRET: z.string().optional(),
  CSMS_API_PORT: port.default(8080),
  CSMS_API_HOST: z.string().optional().describe('address to listen on; absent: this machine alone in lab mode, every address otherwise'),
  CSMS_CREDENTIAL_PEPPER: z.string().min(16).describe('key of the HMAC under which stations\' passwords are kept'),
  ...cardSettings,
  CSMS_CARDS_SEAL_AFTER_SECONDS: z.coerce.number().int().min(0).max(86_400).default(0).describe('how long after the start card numbers from before are left as they are: until gateways of the release before are gone'),
  CSMS_OCPP_ENDPOINT: z.string().regex(/^wss?:\/\//, 'ws:// or wss://').describe('what stations connect to, before /<tenant>/<identity>'),
  CSMS_OCPPS_ENDPOINT: z.string().regex(/^wss:\/\//, 'wss://').optional().describe('the same for stations of security profile 2 and 3; absent: CSMS_OCPP_ENDPOINT'),
  CSMS_CORS_ORIGINS: list.describe('pages of other origins that may call, by comma'),
  CSMS_TRUSTED_PROXIES: list.describe('addresses or networks whose X-Forwarded-For is believed, by comma'),
  CSMS_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(600).describe('of one token\'s holder, and refused ones of one address'),
  CSMS_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(400).describe('how long meter readings are kept'),
  CSMS_FILES_DIR: z.string().optional().describe('folder of the files of stations and of firmware, or the spool before S3; absent: under the temporary folder, lab mode alone'),
  CSMS_FILES_URL: z.url().optional().describe('where stations reach /api/v1 of this API, for the addresses that they are given; absent: on this machine'),
  CSMS_FILES_KEEP_DAYS: z.coerce.number().int().min(1).max(3_650).default(30).describe('how long files of stations are kept'),
  CSMS_FILES_S3_URL: z.url().optional().describe('a bucket for the files instead of the folder, path style: https://host/bucket'),
  CSMS_FILES_S3_REGION: z.string().default('us-east-1'),
  CSMS_FILES_S3_ACCESS_KEY_ID: z.string().optional(),
  CSMS_FILES_S3_SECRET_ACCESS_KEY: z.string().optional(),
  CSMS_CA_DIR: z.string().optional().describe('folder of the tenants\' certificate authorities: <tenant>/ca.pem with ca.key or signer.json; absent: no certificate is signed'),
  CSMS_SIGNER_HOSTS: list.describe('hosts of signers that signer.json may name, by comma, with :port where it is not 443'),
  CSMS_SIGNER_AUTHORITIES: z.string().optional().describe('authorities of these hosts\' own certificates, PEM; absent: those of the system'),
  CSMS_SIGNER_ADDRESSES: list.describe('addresses at which signers may be although they are not public, by comma'),
  CSMS_REVOCATION_HOSTS: list.describe('hosts whose revocation lists are read, by comma'),
  CSMS_LAB_URL: z.url().optional().describe('the control server of the lab; lab mode alone'),
  CSMS_LAB_TOKEN: z.string().optional(),
} as const;
