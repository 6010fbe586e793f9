import { z } from 'zod';

const secret = z.string().min(16, 'at least 16 characters');
const keyRing = z.string().optional().transform((text, context) => (text ?? '').split(',').map((each) => each.trim()).filter((each) => each !== '').map((each) => {
  const [id = '', ...rest] = each.split(':');
  if (!/^[A-Za-z0-9._-]{1,32}$/.test(id) || id === 'pepper' || rest.join(':').length < 16) context.addIssue('expected id:key, by comma, the newest first, each key of at least 16 characters');
  return { id, key: rest.join(':') };
}));

/** Settings of every process that reads or writes card numbers. */
export const cardSettings = {
  CSMS_CARD_KEYS: keyRing.describe('keys under which card numbers are sealed, id:key by comma, the newest first; older ones only open. Absent: one made from CSMS_CREDENTIAL_PEPPER'),
  CSMS_CARD_LOOKUP_KEYS: z.string().optional().transform((text) => (text ?? '').split(',').map((each) => each.trim()).filter((each) => each !== '')).pipe(z.array(secret))
    .describe('keys of the HMAC by which a card is found, by comma, the newest first. Absent: one made from CSMS_CREDENTIAL_PEPPER'),
} as const;

export interface CardKeyConfig { CSMS_CARD_KEYS: { id: string; key: string }[]; CSMS_CARD_LOOKUP_KEYS: string[]; CSMS_CREDENTIAL_PEPPER: string }
