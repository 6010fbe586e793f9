import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Session = z.object({
  identity: z.string(), connectorId: z.number().int().min(1), startAt: z.string(), chargeEndAt: z.string(), endAt: z.string(),
  energyWh: z.number().nonnegative(), idTag: z.string().min(1).max(36),
});

export const FleetStation = z.object({
  identity: z.string().min(1).max(48),
  password: z.string(),
  /** 2 and 3 come in by `ocppsUrl`. */
  securityProfile: z.number().int().min(0).max(3).default(1),
  /** What it shows with security profile 3: PEM files. */
  certificateFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
  dialect: z.enum(['1.6', '2.0.1']),
  connectors: z.array(z.object({ powerMaxW: z.number().positive(), voltageV: z.number().positive().default(230) })).min(1),
  /** auto: visitors come and go; plan: only what the plan says; manual: only what the control server is told. */
  behaviour: z.enum(['auto', 'plan', 'manual']).default('auto'),
  vendor: z.string().max(20).default('Charge-IT'),
  model: z.string().max(20).default('edge'),
  configuration: z.record(z.string(), z.string()).default({}),
}).strict();
export type FleetStation = z.infer<typeof FleetStation>;

/** The JSON file of the demo fleet. */
export const FleetConfig = z.object({
  /** ws://127.0.0.1:9220/ocpp ; the tenant and the identity are added. */
  ocppUrl: z.url({ protocol: /^wss?$/ }),
  /** wss://127.0.0.1:9221/ocpp ; for stations of security profile 2 and 3, and for those that are raised to them. */
  ocppsUrl: z.url({ protocol: /^wss$/ }).optional(),
  /** PEM file of the authorities that the stations trust. */
  trustAnchorsFile: z.string().min(1).optional(),
  tenant: z.string().min(1),
  seed: z.string().default('bandung'),
  speed: z.number().min(1).max(1_000).default(1),
  dataDir: z.string().min(1),
  stations: z.array(FleetStation),
  /** Numbers of cards: known ones may charge, blocked ones are refused by the CSMS. */
  cards: z.object({ known: z.array(z.string()).min(1), blocked: z.array(z.string()).default([]) }),
  plan: z.array(Session).default([]),
  control: z.object({ port: z.number().int().min(0).max(65_535).default(0), token: z.string().min(16) }),
  /** How long a station leaves its visitors away after somebody did something by hand. */
  manualPauseSeconds: z.number().positive().default(300),
}).strict();
export type FleetConfig = z.infer<typeof FleetConfig>;

/** @throws Error with one sentence a line where the file is unreadable or wrong */
export function readFleetConfig(path: string): FleetConfig {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`the fleet's configuration ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const parsed = FleetConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`).join('\n'));
}
