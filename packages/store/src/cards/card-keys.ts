import { createHmac } from 'node:crypto';
import { ConfigError, createSealer, type CardKeyConfig } from '@csms/kit';
import { isCardText, maskUid, referenceIn, sealedPart } from './card-text.ts';

/** Turns card numbers into what the books hold, and back where a station must be told. Every text is bound to its tenant. */
export interface CardKeys {
  /** The reference of a number; a card text keeps the one that it has. */
  reference(tenantId: string, uid: string): string;
  /** Every way in which this number may stand in the books, the reference of today first: older lookup keys, and the number itself in rows from before. */
  spellings(tenantId: string, uid: string): string[];
  /** Reference and sealed number in one text. */
  seal(tenantId: string, uid: string): string;
  /** The number in a sealed text, or in a row from before; null where it cannot be known: a reference alone, a foreign tenant's, a key that is not here. */
  open(tenantId: string, text: string): string | null;
  /** True where the text is sealed under the newest key and refers by the newest lookup key. */
  isCurrent(tenantId: string, text: string): boolean;
}

/** The keys, for rows of one tenant. */
export interface TenantCards { tenantId: string; keys: CardKeys }

/** The keys of a process. What was written under the pepper's own keys stays readable after others were set. */
export function cardKeysOf(config: CardKeyConfig): CardKeys {
  const derived = (what: string): string => createHmac('sha256', config.CSMS_CREDENTIAL_PEPPER).update(`csms cards: ${what}`).digest('hex');
  return createCardKeys({
    sealing: [...config.CSMS_CARD_KEYS, { id: 'pepper', key: derived('sealing') }],
    lookup: [...config.CSMS_CARD_LOOKUP_KEYS, derived('lookup')],
  });
}

/** The keys of a process that was given none but this pepper, for who audits its books. */
export function cardKeysOfPepper(pepper: string): CardKeys {
  return cardKeysOf({ CSMS_CARD_KEYS: [], CSMS_CARD_LOOKUP_KEYS: [], CSMS_CREDENTIAL_PEPPER: pepper });
}

/** The newest key of each first; throws ConfigError where an id is there twice or there is no key. */
export function createCardKeys(keys: { sealing: { id: string; key: string }[]; lookup: string[] }): CardKeys {
  const sealers = new Map(keys.sealing.map(({ id, key }) => [id, createSealer(key)]));
  const [newest] = keys.sealing;
  const [lookup] = keys.lookup;
  if (newest === undefined || lookup === undefined || sealers.size !== keys.sealing.length) throw new ConfigError('card keys: each id once, and one at least');
  const newestSealer = createSealer(newest.key);
  const contextOf = (tenantId: string): string => `card of ${tenantId}`;
  const referenceUnder = (key: string, tenantId: string, uid: string): string =>
    `card:${createHmac('sha256', key).update(`${tenantId}\0${uid.toLowerCase()}`).digest('hex').slice(0, 32)}:${maskUid(uid).replace(/[^\w.•-]/g, '•').slice(0, 12)}`;
  const reference: CardKeys['reference'] = (tenantId, uid) => (isCardText(uid) ? referenceIn(uid) : referenceUnder(lookup, tenantId, uid));
  const open: CardKeys['open'] = (tenantId, text) => {
    if (!isCardText(text)) return text;
    const part = sealedPart(text);
    return part === null ? null : sealers.get(part.keyId)?.unseal(contextOf(tenantId), part.sealed) ?? null;
  };
  return {
    reference, open,
    spellings: (tenantId, uid) => (isCardText(uid) ? [referenceIn(uid)] : [...keys.lookup.map((key) => referenceUnder(key, tenantId, uid)), uid]),
    seal: (tenantId, uid) => {
      const number = open(tenantId, uid);
      if (number === null) throw new Error('this card\'s number is not known: it cannot be sealed');
      return `${reference(tenantId, number)}:${newest.id}:${newestSealer.seal(contextOf(tenantId), number).toString('base64url')}`;
    },
    isCurrent: (tenantId, text) => {
      const part = sealedPart(text);
      if (part?.keyId !== newest.id) return false;
      const number = open(tenantId, text);
      return number !== null && referenceUnder(lookup, tenantId, number) === referenceIn(text);
    },
  };
}
