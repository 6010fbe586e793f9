import type { OcppVersion } from '@csms/ocpp';
import { authorization201 } from './authorization-201.ts';
import { availability201 } from './availability-201.ts';
import { core16 } from './core-16.ts';
import { dataTransfer16 } from './data-transfer-16.ts';
import { dataTransfer201 } from './data-transfer-201.ts';
import { firmware16 } from './firmware-16.ts';
import type { Handler, InboundTable } from './handler.ts';
import { provisioning201 } from './provisioning-201.ts';
import { security16 } from './security-16.ts';
import { security201 } from './security-201.ts';
import { transactions201 } from './transactions-201.ts';

/** What stations may ask, by version and feature profile; docs/reference/ocpp-support.md is printed from here. */
export const inboundProfiles = {
  'ocpp1.6': { Core: { ...core16, ...dataTransfer16 }, FirmwareManagement: firmware16, 'Security extension': security16 },
  'ocpp2.0.1': {
    'A Security': security201, 'B Provisioning': provisioning201, 'C Authorization': authorization201, 'E Transactions, J MeterValues': transactions201,
    'G Availability': availability201, 'P DataTransfer': dataTransfer201,
  },
} as const;

const table16: InboundTable<'ocpp1.6'> = { ...core16, ...dataTransfer16, ...firmware16, ...security16 };
const table201: InboundTable<'ocpp2.0.1'> = {
  ...security201, ...provisioning201, ...authorization201, ...transactions201, ...availability201, ...dataTransfer201,
};

/** A handler whose request was validated against its schema by the router, which is the only caller. */
export type AnyHandler = Handler<Record<string, unknown>, Record<string, unknown>>;

/**
 * The handlers of a version by action name. Validation has made the payload the type that its handler names; this is the one place where
 * that knowledge passes from schema to type.
 */
export function inboundHandlers(version: OcppVersion): ReadonlyMap<string, AnyHandler> {
  const table = version === 'ocpp1.6' ? table16 : table201;
  return new Map(Object.entries(table) as unknown as [string, AnyHandler][]);
}
