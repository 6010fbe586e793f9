import { commonSettings, port } from '@csms/kit';
import { z } from 'zod';

/** Every setting of a gateway process, read from the environment by kit's loadConfig. */
export const settings = {
  ...commonSettings,
  DATABASE_URL: z.string().describe('the books, as the application role'),
  REDIS_URL: z.string().optional().describe('the bus in Redis; absent: the bus in PostgreSQL'),
  BUS_DATABASE_URL: z.string().optional().describe('the bus in PostgreSQL; absent: under DATABASE_URL'),
  CSMS_OCPP_PORT: port.default(9220),
  CSMS_OCPP_HOST: z.string().optional().describe('address to listen on; absent: this machine alone in lab mode, every address otherwise'),
  CSMS_DEFAULT_TENANT: z.string().optional().describe('whose /ocpp/<identity> is'),
  CSMS_CREDENTIAL_PEPPER: z.string().min(16).describe('key of the HMAC under which chargers\' passwords are kept'),
  CSMS_DRAIN_SECONDS: z.coerce.number().int().min(1).max(3_600).default(120),
  CSMS_CONNECTIONS_MAX: z.coerce.number().int().min(1).default(5_000),
  CSMS_UPGRADES_PER_SECOND: z.coerce.number().int().min(1).default(500).describe('new sockets a second; a burst may be twice as large'),
  CSMS_OCPP_WITHOUT_SUBPROTOCOL: z.enum(['reject', 'ocpp1.6']).default('reject').describe('what a charger that names no OCPP version is taken for'),
  CSMS_OCPP_PING_SECONDS: z.coerce.number().min(1).default(30),
  CSMS_OCPP_ANSWER_SECONDS: z.coerce.number().min(1).default(30).describe('how long a charger has to answer one of our calls'),
} as const;
