import type { FactSource, StationBooks } from '../station/station.ts';
import { stationEvent } from './station-event.ts';

/** A DataTransfer from a station (1.6, 4.3): what it says, and an answer in its words. */
export interface Transfer { vendorId: string; messageId: string | null; data: string | null }
export interface TransferAnswer { status: 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId'; data?: string }

/** What a vendor's message may use. It answers after what it keeps is on the books. */
export interface TransferContext { source: FactSource; identity: string; stations: Pick<StationBooks, 'securityEvent'> }
export type VendorMessage = (data: string | null, context: TransferContext) => Promise<TransferAnswer>;

/** A vendor's messages by their id; the empty id is a transfer without one. */
export type VendorMessages = Readonly<Record<string, VendorMessage>>;

/** Every vendor extension that is understood, by vendor id. To add one: docs/extending.md. */
export const vendorMessages: Readonly<Record<string, VendorMessages>> = {
  'id.charge-it': { StationEvent: stationEvent },
};

/** The text of 1.6 sets no bound to `data`; nothing longer is looked at. */
export const transferDataMax = 64 * 1024;

/** Answers a transfer as 1.6, 4.3 asks: a vendor or a message that nobody knows has an answer of its own, and is no error. Ids are compared as written. */
export async function answerTransfer(transfer: Transfer, context: TransferContext, known: Readonly<Record<string, VendorMessages>> = vendorMessages): Promise<TransferAnswer> {
  const messages = Object.hasOwn(known, transfer.vendorId) ? known[transfer.vendorId] : undefined;
  if (messages === undefined) return { status: 'UnknownVendorId' };
  const id = transfer.messageId ?? '';
  const handle = Object.hasOwn(messages, id) ? messages[id] : undefined;
  if (handle === undefined) return { status: 'UnknownMessageId' };
  if ((transfer.data?.length ?? 0) > transferDataMax) return { status: 'Rejected', data: `data may have ${transferDataMax} characters` };
  return handle(transfer.data, context);
}
