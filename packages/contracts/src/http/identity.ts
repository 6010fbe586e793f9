import { z } from 'zod';

/**
 * What a station can be called: exactly what a socket can come under (services/ocpp-gateway/src/sockets/station-path.ts), so that nothing is
 * registered that can never connect. Printable ASCII without a slash, 1 to 48 characters, no blank at either end; and not `.` or `..`, which a URL
 * takes away.
 */
export const StationIdentity = z.string().regex(/^(?!\.{1,2}$)[!-.0-~](?:[ -.0-~]{0,46}[!-.0-~])?$/, 'not an identity that a station can connect under: 1 to 48 printable ASCII characters without a slash, no blank at either end')
  .describe('1 to 48 printable ASCII characters without a slash, no blank at either end');

/** The number of a card as a reader can have read it: text, without control characters and without halves of characters. */
export const CardUid = z.string().min(1).max(36).regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has a character that no card number has');
