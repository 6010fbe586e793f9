import { readFileSync } from 'node:fs';
import { ConfigError, loadConfig } from '@csms/kit/config';
import { z } from 'zod';

/** What `main.ts` needs to know to be one charger. */
const StationConfig = z.object({
  url: z.url({ protocol: /^wss?$/ }).describe('address of the CSMS without the identity, e.g. wss://ocpp.example.com/ocpp'),
  identity: z.string().min(1).max(48),
  password: z.string().optional(),
  secureUrl: z.url({ protocol: /^wss$/ }).optional().describe('address of security profiles 2 and 3; url with wss: if it is not given'),
  securityProfile: z.number().int().min(0).max(3).optional(),
  tls: z.object({
    trustAnchorsFile: z.string().min(1).optional().describe('PEM file of the authorities to trust; without it, and without installed roots, the system\'s'),
    certificateFile: z.string().min(1).optional(), keyFile: z.string().min(1).optional().describe('what the charger shows with security profile 3'),
  }).strict().default({}),
  dialect: z.enum(['1.6', '2.0.1']).default('1.6'),
  connectors: z.array(z.object({ powerMaxW: z.number().positive(), voltageV: z.number().positive().default(230) })).min(1).default([{ powerMaxW: 7_400, voltageV: 230 }]),
  dataDir: z.string().min(1).default('./edge-data'),
  vendor: z.string().max(20).default('Charge-IT'),
  model: z.string().max(20).default('edge'),
  configuration: z.record(z.string(), z.string()).default({}),
  behaviour: z.object({
    lowercaseEnums: z.boolean(), missingZone: z.boolean(), wrongUnit: z.boolean(), extraProperties: z.boolean(), floatRegisters: z.boolean(), neverPong: z.boolean(), failInstall: z.boolean(),
    clockSkewMs: z.number().int(), callsInFlightMax: z.number().int().min(1), repeats: z.number().int().min(0), downloadsToFail: z.number().int().min(0), uploadsToFail: z.number().int().min(0), installMs: z.number().min(0),
  }).partial().strict().default({}).describe('how it misbehaves, for tests: see station/behaviour.ts'),
}).strict();
export type StationConfig = z.infer<typeof StationConfig>;

/** The environment of one charger; each variable wins over the same thing in the file. */
const environment = {
  CSMS_EDGE_CONFIG: z.string().optional(),
  CSMS_EDGE_URL: z.string().optional(),
  CSMS_EDGE_IDENTITY: z.string().optional(),
  CSMS_EDGE_PASSWORD: z.string().optional(),
  CSMS_EDGE_DIALECT: z.string().optional(),
  CSMS_EDGE_CONNECTORS: z.coerce.number().int().min(1).max(16).optional(),
  CSMS_EDGE_DATA_DIR: z.string().optional(),
  CSMS_EDGE_TRUST_FILE: z.string().optional(),
};

/**
 * Reads the configuration of one charger: a JSON file (CSMS_EDGE_CONFIG or the first argument), then the environment.
 * @throws ConfigError with one sentence for each thing that is wrong
 */
export function readStationConfig(argument: string | undefined): StationConfig {
  const env = loadConfig(environment);
  const path = argument ?? env.CSMS_EDGE_CONFIG;
  const fromFile: Record<string, unknown> = path === undefined ? {} : readJson(path);
  const merged = {
    ...fromFile,
    ...(env.CSMS_EDGE_URL && { url: env.CSMS_EDGE_URL }),
    ...(env.CSMS_EDGE_IDENTITY && { identity: env.CSMS_EDGE_IDENTITY }),
    ...(env.CSMS_EDGE_PASSWORD && { password: env.CSMS_EDGE_PASSWORD }),
    ...(env.CSMS_EDGE_DIALECT && { dialect: env.CSMS_EDGE_DIALECT }),
    ...(env.CSMS_EDGE_CONNECTORS && { connectors: Array.from({ length: env.CSMS_EDGE_CONNECTORS }, () => ({ powerMaxW: 7_400 })) }),
    ...(env.CSMS_EDGE_DATA_DIR && { dataDir: env.CSMS_EDGE_DATA_DIR }),
    ...(env.CSMS_EDGE_TRUST_FILE && { tls: { ...(typeof fromFile['tls'] === 'object' ? fromFile['tls'] : {}), trustAnchorsFile: env.CSMS_EDGE_TRUST_FILE } }),
  };
  const parsed = StationConfig.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the configuration'}: ${issue.message}`).join('\n'));
}

/** The PEM files of a configuration, read. @throws ConfigError when one cannot be read */
export function readTlsFiles(tls: StationConfig['tls']): { trustAnchors?: string[]; certificate?: string; key?: string } {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      throw new ConfigError(`${path} cannot be read`);
    }
  };
  return {
    ...(tls.trustAnchorsFile && { trustAnchors: [read(tls.trustAnchorsFile)] }),
    ...(tls.certificateFile && { certificate: read(tls.certificateFile) }),
    ...(tls.keyFile && { key: read(tls.keyFile) }),
  };
}

function readJson(path: string): Record<string, unknown> {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`${path} cannot be read`);
  }
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(content));
  } catch {
    throw new ConfigError(`${path} is not a JSON object`);
  }
}
