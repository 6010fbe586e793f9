import type { ProfileTable } from './handler.ts';

/** OCPP 2.0.1, functional block P DataTransfer, from the station. No vendor extension is spoken. */
export const dataTransfer201 = {
  DataTransfer: { withoutBooks: true, handle: () => ({ status: 'UnknownVendorId' }) },
} satisfies ProfileTable<'ocpp2.0.1'>;
