import i18next, { type TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFormats, type Formats } from '../formats.ts';
import { en } from '../i18n/en.ts';
import { id } from '../i18n/id.ts';
import { reasonRules } from '../models/reason-rules.ts';
import { detailRules } from '../session/detail-rules.ts';
import { sayKnown } from './known-sentences.ts';

const nowMs = Date.parse('2026-03-10T05:00:00Z');
const formats: Record<'id' | 'en', Formats> = { id: createFormats('id', 'Asia/Jakarta'), en: createFormats('en', 'Asia/Jakarta') };
const texts = i18next.createInstance();
beforeAll(() => texts.init({ lng: 'id', fallbackLng: false, resources: { id: { translation: id }, en: { translation: en } }, interpolation: { escapeValue: false }, showSupportNotice: false }));
const t = (language: 'id' | 'en'): TFunction => texts.getFixedT(language);
const plain = (said: { text: string }[]): string => said.map((each) => each.text).join('. ').replace(/[\u00a0\u202f]/g, ' ');

describe('what became of a message', () => {
  const say = (text: string, language: 'id' | 'en' = 'id') => sayKnown(text, detailRules(t(language), formats[language], nowMs));

  it.each([
    ['session begun; card ConcurrentTx', 'Sesi dimulai; kartu sedang mengisi di tempat lain'],
    ['ended: 18932 Wh', 'Berakhir: 18,932 kWh'],
    ['its stop had come before it: ended: 500 Wh', 'Akhirnya datang lebih dulu: berakhir: 0,500 kWh'],
    ['this start is on the books already as transaction 42', 'Awal ini sudah ada di pembukuan sebagai transaksi 42'],
    ['reading of 2026-03-10T04:00:00.000Z came after the session was closed; energy unchanged', 'Pembacaan 11.00 datang setelah sesi ditutup; energi tidak berubah'],
    ['a second stop says meterStop 900 Wh at 2026-03-10T04:00:00.000Z; the first one stands at null Wh', 'Akhir kedua menyebut meter 0,900 kWh pada 11.00; yang pertama berlaku, –'],
    ['Ended seqNo 7; 1500 Wh; its Started has not come; numbers are missing; was queued offline', 'Akhir #7; 1,500 kWh; awalnya belum datang; ada nomor yang belum datang; tersimpan di stasiun saat terputus'],
  ])('%s', (text, expected) => {
    expect(plain(say(text))).toBe(expected);
    expect(plain(say(text, 'en'))).not.toMatch(/\bWh\b/);
  });

  it('leaves what it does not know as it is, whole', () => {
    expect(say('session begun; the moon is full')).toEqual([{ text: 'session begun; the moon is full', known: false }]);
  });
});

describe('why a model serves', () => {
  const say = (text: string, language: 'id' | 'en' = 'id') => sayKnown(text, reasonRules(t(language), formats[language]));

  it('writes a promotion with the figures of the reader', () => {
    const text = 'blend takes over from profile: RMSE 3.640 kWh against 4.044 kWh of profile over 28 days, 10.0 % better; better in 97 % of resampled months; its forecasts were 2.1 % too low on the whole; 81 % of the hours fell within its 80 % interval';
    expect(plain(say(text))).toBe('Gabungan menggantikan profil mingguan: RMSE 3,64 kWh berbanding 4,04 kWh milik profil mingguan selama 28 hari, 10,0% lebih baik; lebih baik pada 97% bulan contoh ulang; prakiraannya secara keseluruhan 2,1% terlalu rendah; 81% jam jatuh di dalam rentang 80%');
    expect(plain(say(text, 'en'))).toContain('Blend takes over from weekly profile: RMSE 3.64 kWh');
  });

  it('writes each sentence of a training, and keeps one that it does not know in English', () => {
    const said = say('profile was fitted anew on 363 days. ridge was refused: it has no interval yet. the sea was rough');
    expect(said.map((each) => each.known)).toEqual([true, true, false]);
    expect(said[1]?.text).toBe('Regresi ridge ditolak: belum punya rentang');
    expect(said[2]?.text).toBe('the sea was rough');
  });
});
