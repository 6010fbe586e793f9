import { describe, expect, it } from 'vitest';
import { mapCards, mapCardsInText } from './card-fields.ts';
import { cardKeysOf, createCardKeys } from './card-keys.ts';
import { isCardText, maskUid, referenceIn } from './card-text.ts';

const old = { sealing: [{ id: 'k1', key: 'the first sealing key' }], lookup: ['the first lookup key'] };
const keys = createCardKeys(old);

describe('C-15 a card in the books', () => {
  it('is found without case, and shows its ends and nothing else', () => {
    const reference = keys.reference('demo', '04A1B2C3');
    expect(reference).toMatch(/^card:[0-9a-f]{32}:04••••C3$/);
    expect(reference.toLowerCase()).toBe(keys.reference('demo', '04a1b2c3').toLowerCase());
    expect(keys.reference('demo', reference)).toBe(reference);
    expect(maskUid(reference)).toBe(maskUid('04A1B2C3'));
    expect(keys.reference('demo', '04A1B2C4').slice(0, 37)).not.toBe(reference.slice(0, 37));
  });

  it('is another one under another key and in another tenant: a dump of a table tells no two tenants that they share a driver', () => {
    const other = createCardKeys({ ...old, lookup: ['some other lookup key'] });
    expect(other.reference('demo', '04A1B2C3')).not.toBe(keys.reference('demo', '04A1B2C3'));
    expect(keys.reference('kota', '04A1B2C3')).not.toBe(keys.reference('demo', '04A1B2C3'));
  });

  it('opens under its own key and tenant alone, and two seals of one number are two texts', () => {
    const sealed = keys.seal('demo', '04A1B2C3');
    expect(sealed).not.toContain('04A1B2C3');
    expect([referenceIn(sealed), isCardText(sealed)]).toEqual([keys.reference('demo', '04A1B2C3'), true]);
    expect(keys.open('demo', sealed)).toBe('04A1B2C3');
    expect(keys.seal('demo', '04A1B2C3')).not.toBe(sealed);
    expect(keys.open('kota', sealed)).toBeNull();
    expect(createCardKeys({ ...old, sealing: [{ id: 'k1', key: 'a wrong key of that id' }] }).open('demo', sealed)).toBeNull();
    expect(keys.open('demo', `${sealed.slice(0, -2)}AA`)).toBeNull();
    expect(keys.open('demo', keys.reference('demo', '04A1B2C3'))).toBeNull();
  });

  it('outlives its keys: older ones open, newer ones seal, and both spellings are looked for', () => {
    const both = createCardKeys({ sealing: [{ id: 'k2', key: 'the second sealing key' }, ...old.sealing], lookup: ['the second lookup key', ...old.lookup] });
    const before = keys.seal('demo', 'CARD-1');
    expect(both.open('demo', before)).toBe('CARD-1');
    expect([keys.isCurrent('demo', before), both.isCurrent('demo', before)]).toEqual([true, false]);
    const after = both.seal('demo', before);
    expect([both.isCurrent('demo', after), after.split(':')[3]]).toEqual([true, 'k2']);
    expect(both.spellings('demo', 'CARD-1')).toEqual([both.reference('demo', 'CARD-1'), keys.reference('demo', 'CARD-1'), 'CARD-1']);
    expect(keys.open('demo', after)).toBeNull();
  });

  it('takes no number of a station for one of its own texts, whatever the station sends', () => {
    for (const uid of ['card:0', 'card:00000000000000000000000000000000', 'kartu:a:b', 'A:B:C:D:E:F', 'ünïcødé']) {
      expect(isCardText(uid), uid).toBe(false);
      const sealed = keys.seal('demo', uid);
      expect([isCardText(sealed), keys.open('demo', sealed)], uid).toEqual([true, uid]);
    }
  });

  it('has keys of its own from the pepper where none are set, and keeps them when others are', () => {
    const none = { CSMS_CARD_KEYS: [], CSMS_CARD_LOOKUP_KEYS: [], CSMS_CREDENTIAL_PEPPER: 'a pepper of some length' };
    const sealed = cardKeysOf(none).seal('demo', 'CARD-1');
    const set = cardKeysOf({ ...none, CSMS_CARD_KEYS: [{ id: 'k1', key: 'the first sealing key' }], CSMS_CARD_LOOKUP_KEYS: ['the first lookup key'] });
    expect([set.open('demo', sealed), set.spellings('demo', 'CARD-1').includes(referenceIn(sealed)), set.isCurrent('demo', sealed)]).toEqual(['CARD-1', true, false]);
    expect(() => cardKeysOf({ ...none, CSMS_CARD_KEYS: [{ id: 'k1', key: 'one' }, { id: 'k1', key: 'two' }] })).toThrow(/each id once/);
  });
});

describe('card numbers in what is kept', () => {
  const stars = (uid: string): string => `<${uid.length}>`;
  it('are found in payloads of both dialects, at any depth', () => {
    expect(mapCards({ idTag: 'A', meterStart: 1, idToken: { idToken: 'BB', type: 'ISO14443', additionalInfo: [{ additionalIdToken: 'CCC', type: 'x' }] }, groupIdToken: { idToken: 'DDDD' }, entries: [{ tokenUid: 'E', parentUid: null }] }, stars))
      .toEqual({ idTag: '<1>', meterStart: 1, idToken: { idToken: '<2>', type: 'ISO14443', additionalInfo: [{ additionalIdToken: '<3>', type: 'x' }] }, groupIdToken: { idToken: '<4>' }, entries: [{ tokenUid: '<1>', parentUid: null }] });
  });
  it('are found in frames that are no JSON, and a frame that could hide one is kept whole by nobody', () => {
    expect(mapCardsInText('[2,"1","StartTransaction",{"IdTag" : "CARD-1","meterStart":1', stars)).toBe('[2,"1","StartTransaction",{"IdTag" : "<6>","meterStart":1');
    expect(mapCardsInText('[2,"1","x",{"\\u0069dTag":"CARD-1"}]', stars)).toBe('[2,"1","x",{"idTag":"<6>"}]');
    expect(mapCardsInText('[2,"1","x",{"\\u0069dTag":"CARD-1"', stars)).toBeNull();
  });
});
