import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { ConfigError, loadConfig, port } from '@csms/kit';
import { z } from 'zod';

export interface LocalOptions {
  dataDir: string;
  examplesDir: string;
  fresh: boolean;
  demo: boolean;
  speed: number;
  seed: number;
  /** Restart the platform's own processes when their sources change. */
  dev: boolean;
  ports: { ocpp: number; ocpps: number; api: number; dashboard: number; identity: number };
  databaseUrl: string | null;
  redisUrl: string | null;
  oidcIssuer: string | null;
  /** Where the demo's stations are shown to the public; null: nowhere. */
  firebase?: { databaseUrl: string; credentialsFile: string } | null;
  logLevel: string;
}

export const helpText = `npm start -- [options]        the whole platform on one machine, with a simulated fleet

  --fresh          forget everything kept in the data folder and begin anew
  --no-demo        no simulated fleet, no example history
  --speed N        shrink the fleet's batteries and stays N-fold (clocks and power stay real); default 60
  --seed N         the fleet's dice; default 1
  --examples DIR   folder of ChargingSite objects, watched while it runs; default examples
  --dev            restart the platform's processes when their sources change
  --help           this text

Environment: DATABASE_URL (the owner's; else a PostgreSQL from npm), REDIS_URL (else redis-server on PATH, else PostgreSQL carries the bus),
OIDC_ISSUER (else a small issuer), CSMS_DATA_DIR (.csms), CSMS_OCPP_PORT (9220), CSMS_OCPPS_PORT (9221), CSMS_API_PORT (8080),
CSMS_DASHBOARD_PORT (3500), CSMS_IDENTITY_PORT (8081), LOG_LEVEL (info). CSMS_FIREBASE_DATABASE_URL and CSMS_FIREBASE_CREDENTIALS_FILE together show the stations
to the public (docs/mirror.md). Ctrl-C stops all of it; the data stays.
`;

/** Reads flags and environment; throws ConfigError with a sentence for each thing that is wrong. `null` asks for the help text. */
export function readOptions(argv: string[], rootDir: string, env: Record<string, string | undefined> = process.env): LocalOptions | null {
  const flags = parseFlags(argv);
  if (flags.help) return null;
  const settings = loadConfig({
    DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'expected an address like postgres://user:password@host:5432/database').optional(),
    REDIS_URL: z.string().regex(/^rediss?:\/\//, 'expected an address like redis://host:6379').optional(),
    OIDC_ISSUER: z.url('expected the address of an OpenID Connect issuer').optional(),
    CSMS_FIREBASE_DATABASE_URL: z.url('expected the address of a Realtime Database').optional(),
    CSMS_FIREBASE_CREDENTIALS_FILE: z.string().optional(),
    CSMS_DATA_DIR: z.string().default('.csms'),
    CSMS_OCPP_PORT: port.default(9220),
    CSMS_OCPPS_PORT: port.optional(),
    CSMS_API_PORT: port.default(8080),
    CSMS_DASHBOARD_PORT: port.default(3500),
    CSMS_IDENTITY_PORT: port.default(8081),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  }, env);
  const { CSMS_FIREBASE_DATABASE_URL: firebaseUrl, CSMS_FIREBASE_CREDENTIALS_FILE: credentialsFile } = settings;
  if ((firebaseUrl === undefined) !== (credentialsFile === undefined)) throw new ConfigError('CSMS_FIREBASE_DATABASE_URL and CSMS_FIREBASE_CREDENTIALS_FILE are set together, or neither');
  return {
    dataDir: resolve(rootDir, settings.CSMS_DATA_DIR),
    examplesDir: resolve(rootDir, flags.examples ?? 'examples'),
    fresh: flags.fresh ?? false,
    demo: !flags['no-demo'],
    speed: positiveNumber('--speed', flags.speed, 60),
    seed: positiveNumber('--seed', flags.seed, 1),
    dev: flags.dev ?? false,
    ports: {
      // Whoever takes any port for one takes any for the other.
      ocpp: settings.CSMS_OCPP_PORT, ocpps: settings.CSMS_OCPPS_PORT ?? (settings.CSMS_OCPP_PORT === 0 ? 0 : 9221), api: settings.CSMS_API_PORT, dashboard: settings.CSMS_DASHBOARD_PORT, identity: settings.CSMS_IDENTITY_PORT,
    },
    databaseUrl: settings.DATABASE_URL ?? null,
    redisUrl: settings.REDIS_URL ?? null,
    oidcIssuer: settings.OIDC_ISSUER ?? null,
    firebase: firebaseUrl === undefined || credentialsFile === undefined ? null : { databaseUrl: firebaseUrl, credentialsFile: resolve(rootDir, credentialsFile) },
    logLevel: settings.LOG_LEVEL,
  };
}

function parseFlags(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        fresh: { type: 'boolean' }, 'no-demo': { type: 'boolean' }, speed: { type: 'string' }, seed: { type: 'string' },
        examples: { type: 'string' }, dev: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message.split('. ')[0] : String(error)}; npm start -- --help lists the options`);
  }
}

function positiveNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new ConfigError(`${name} wants a positive number, not "${text}"`);
  return value;
}
