import { z } from 'zod';
import { GivenTime } from './common.ts';
import { CardUid } from './identity.ts';

const text = (max: number) => z.string().trim().min(1).max(max);
const amount = z.number().finite().min(0).max(1e12);

/** One line of a file of people; `ref` is the key by which a second import finds the first one's driver. */
export const DriverRow = z.object({ ref: text(100), name: text(100), email: text(200).nullable(), phone: text(200).nullable(), validFrom: GivenTime.nullable(), validUntil: GivenTime.nullable() }).strict();
/** One line of a file of cards; `driverRef` names a driver by its `ref`, `group` a group by its name, which is made where it is missing. */
export const CardRow = z.object({ uid: CardUid, driverRef: text(100).nullable(), driverName: text(100).nullable(), group: text(100).nullable(), status: z.enum(['active', 'blocked']), validFrom: GivenTime.nullable(), validUntil: GivenTime.nullable() }).strict();
/** One line of a file of past transactions; `ref` is unique in the other system, and the key by which it is imported once. Energy in Wh, money in minor units. */
export const TransactionRow = z.object({
  ref: text(60), station: text(48), connectorId: z.number().int().min(1).max(100), uid: CardUid.nullable(), startedAt: GivenTime, endedAt: GivenTime, meterStartWh: amount.nullable(), meterStopWh: amount.nullable(), energyWh: amount,
  amountMinor: z.number().int().min(0).max(1e15).nullable().describe('what was billed there; a bill of it is kept as final, and none is made anew'), currency: z.string().regex(/^[A-Z]{3}$/).nullable(),
}).strict();

/** Rows as the file has them: each is judged by itself, so that one wrong line costs no other. */
const Rows = z.array(z.object({ line: z.number().int().min(1), row: z.unknown() }).strict()).min(1).max(500);
export const ImportRequest = z.object({ dryRun: z.boolean().describe('true: everything is tried, and nothing is kept'), rows: Rows }).strict();
export const ImportKind = z.enum(['drivers', 'cards', 'transactions']);
export const ImportParams = z.object({ kind: ImportKind });

export const ImportOutcome = z.object({ line: z.number().int(), outcome: z.enum(['created', 'updated', 'unchanged', 'refused']), detail: z.string().nullable() });
export const ImportReport = z.object({ dryRun: z.boolean(), created: z.number().int(), updated: z.number().int(), unchanged: z.number().int(), refused: z.number().int(), rows: z.array(ImportOutcome) });
export type ImportReport = z.infer<typeof ImportReport>;
