import { cardSettings, commaList, commonSettings, port, storeSettings } from '@csms/kit';
import { z } from 'zod';
import { outagePolicies } from './authorization/outage-policy.ts';

const tenantName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'expected the name of a tenant');

const count = z.coerce.number().int().min(1);

/** A setting whose text is JSON of a shape. */
function jsonOf<S extends z.ZodType>(shape: S) {
  return z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('expected JSON');
      return z.NEVER;
    }
  }).pipe(shape);
}

/** Every setting of a gateway process, read from the environment by kit's loadConfig. */
export const settings = {
  ...commonSettings,
  ...storeSettings,
  CSMS_OCPP_PORT: port.optional().describe('the plain port, for security profiles 0 and 1: 9220 in lab mode, never open in production'),
  CSMS_OCPPS_PORT: port.default(9221).describe('the TLS port, for security profiles 2 and 3; open where CSMS_TLS_CERT_FILE is set'),
  CSMS_TLS_CERT_FILE: commaList.describe('server certificate with its chain, PEM; two for an ECDSA and an RSA one, with a comma between them; read again when they change'),
  CSMS_TLS_KEY_FILE: commaList.describe('the keys of these certificates, in the same order'),
  CSMS_TLS_TICKET_KEY_FILE: z.string().optional().describe('a secret of 32 bytes or more, the same for all gateways: a charger resumes its TLS session at any of them'),
  CSMS_TLS_PLAIN_RSA: z.stringbool().default(false).describe('also take the cipher suites without forward secrecy, for chargers that know no others'),
  CSMS_TLS_RELOAD_SECONDS: z.coerce.number().min(0.1).default(30).describe('how often the TLS files are looked at'),
  CSMS_OCPP_PORTS: jsonOf(z.array(z.strictObject({
    port, tenant: tenantName, paths: z.enum(['bare', 'ocpp']).default('bare'), tls: z.boolean().default(false), plainRsa: z.boolean().default(false), withoutSubprotocol: z.enum(['ocpp1.6', 'ocpp2.0.1']).nullable().default(null),
  }))).default([]).describe('more ports, each of one tenant, for chargers that can only change their address: [{"port":9000,"tenant":"demo","paths":"bare"}] takes ws://host:9000/<identity>; also "tls": true, "plainRsa": true (as CSMS_TLS_PLAIN_RSA, for this port alone) and "withoutSubprotocol": "ocpp1.6"'),
  CSMS_OCPP_HOSTS: jsonOf(z.record(z.string().toLowerCase(), tenantName)).default({}).describe('whose a path without a tenant is, by the host name that the charger connects to: {"chargers.example.com":"demo"}'),
  CSMS_TLS_PROXY_CA: z.string().optional().describe('authorities of TLS proxies that may say whose certificate their own client showed, PEM'),
  CSMS_TLS_PROXY_NAMES: commaList.describe('CN or DNS name of each such proxy, by comma; nobody else\'s header is looked at'),
  CSMS_TLS_PROXY_HEADER: z.string().toLowerCase().default('x-forwarded-client-cert').describe('the header that they set: a URL-encoded PEM bundle, or Envoy\'s form'),
  CSMS_RECHECK_SECONDS: z.coerce.number().min(1).default(120).describe('within which a station that was removed, or whose certificate was revoked, loses its socket'),
  CSMS_OCPP_HOST: z.string().optional().describe('address to listen on; absent: this machine alone in lab mode, every address otherwise'),
  CSMS_DEFAULT_TENANT: z.string().optional().describe('whose /ocpp/<identity> is'),
  CSMS_CREDENTIAL_PEPPER: z.string().min(16).describe('key of the HMAC under which chargers\' passwords are kept'),
  ...cardSettings,
  CSMS_DRAIN_SECONDS: z.coerce.number().int().min(1).max(3_600).default(120).describe('within which a process that is to end has closed its sockets'),
  CSMS_DRAIN_PER_SECOND: z.coerce.number().int().min(1).default(100).describe('sockets closed a second while it ends; more where CSMS_DRAIN_SECONDS asks for it'),
  CSMS_DRAIN_SHARE_PER_SECOND: z.coerce.number().positive().max(1).default(1).describe('the share of its sockets that it closes a second at most while it ends, so that few sockets are spread as well; more where CSMS_DRAIN_SECONDS asks for it'),
  CSMS_DRAIN_REFUSE_SECONDS: z.coerce.number().min(0).max(60).default(5)
    .describe('how long a process that is to end still answers new stations, with 503, before its port is closed; 0 where processes share a port through the kernel, which would go on giving this one its share'),
  CSMS_CONNECTIONS_MAX: z.coerce.number().int().min(1).default(5_000),
  CSMS_UPGRADES_PER_SECOND: z.coerce.number().int().min(1).default(500).describe('new sockets a second; a burst may be twice as large'),
  CSMS_AUTHORIZE_WITHOUT_BOOKS: outagePolicies.describe('cards while PostgreSQL cannot be reached: known (accepted where accepted in the last day) or refuse, with exceptions by tenant: refuse,acme=known'),
  CSMS_FAILURES_PER_MINUTE_IDENTITY: count.default(5).describe('failed handshakes of one identity at one address before a wrong password is answered with 429 and has to wait, longer each time'),
  CSMS_FAILURES_PER_MINUTE_ADDRESS: count.optional().describe('the same of one address, behind which a whole site may be: 30, in lab mode 1000; a right password is let in all the same'),
  CSMS_TLS_FAILURES_PER_MINUTE_ADDRESS: count.default(300).describe('TLS handshakes of one address that came to nothing before it is cut without one'),
  CSMS_STATION_CONNECTIONS_PER_HOUR: count.optional().describe('connections of one station before it gets 429: 60, in lab mode 3600'),
  CSMS_TAKEOVERS_PER_MINUTE: count.default(5).describe('how often sockets of one station may take each other\'s place before whoever comes is held off with 503'),
  CSMS_STATION_MESSAGES_PER_SECOND: count.optional().describe('messages of one station, with a burst of five times as many, before it is read more slowly: 10, in lab mode 2000'),
  CSMS_STATION_OVERLOAD_SECONDS: count.default(60).describe('after how long a station that is too fast all the time, and does not wait for answers, is closed'),
  CSMS_OCPP_WITHOUT_SUBPROTOCOL: z.enum(['reject', 'ocpp1.6']).default('reject').describe('what a charger that names no OCPP version is taken for'),
  CSMS_OCPP_PING_SECONDS: z.coerce.number().min(1).default(30),
  CSMS_OCPP_ANSWER_SECONDS: z.coerce.number().min(1).default(30).describe('how long a charger has to answer one of our calls'),
} as const;
