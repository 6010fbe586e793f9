import type { StationCommands } from '../dialect/dialect.ts';

/** Answers the data of one message of a vendor. */
export type VendorMessage = (data: string | undefined) => { status: 'Accepted' | 'Rejected'; data?: string };

/** By vendor, then by message; the message '' is what comes without a messageId. */
export type VendorMessages = { readonly [vendorId: string]: { readonly [messageId: string]: VendorMessage } };

/** DataTransfer from the CSMS (OCPP 1.6, 5.6): what is not registered is told apart by whether its vendor is. */
export function createVendorMessages(registered: VendorMessages): Pick<StationCommands, 'dataTransfer'> {
  const own = <T>(table: { readonly [name: string]: T }, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);
  return {
    dataTransfer(vendorId, messageId, data) {
      const vendor = own(registered, vendorId);
      if (!vendor) return { status: 'UnknownVendorId' };
      return own(vendor, messageId ?? '')?.(data) ?? { status: 'UnknownMessageId' };
    },
  };
}
