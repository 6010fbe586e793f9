import { describe, expect, it } from 'vitest';
import { createFormats, quantityText } from './formats.ts';

const id = createFormats('id', 'Asia/Jakarta');
const en = createFormats('en', 'Asia/Jakarta');
const at = '2026-11-24T07:05:02.000Z';
const now = Date.parse(at);
/** Narrow and no-break spaces read as spaces in these expectations. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('U-05 numbers and money', () => {
  it('writes rupiah without a smaller unit', () => {
    expect(plain(id.money(25_000, 'IDR'))).toBe('Rp 25.000');
    expect(plain(en.money(25_000, 'IDR'))).toBe('Rp 25,000');
    expect(plain(id.money(123_456_789, 'IDR'))).toBe('Rp 123.456.789');
    expect(plain(en.money(1_250, 'USD'))).toContain('12.50');
  });
  it('writes kWh and kW, never Wh or W', () => {
    expect(plain(quantityText(id.energy(12_500)))).toBe('12,5 kWh');
    expect(plain(quantityText(en.energy(12_500)))).toBe('12.5 kWh');
    expect(plain(quantityText(id.power(7_200)))).toBe('7,2 kW');
    expect(plain(quantityText(id.energy(12_345, 3)))).toBe('12,345 kWh');
  });
  it('writes no negative zero and a real minus sign', () => {
    expect(id.number(-0.04, 1)).toBe('0,0');
    expect(en.number(-1.26, 1)).toBe('\u22121.3');
    expect(id.percent(0.824)).toBe('82%');
  });
});

describe('U-05 times', () => {
  it('names the zone of the site', () => {
    expect(plain(id.timeWithZone(at))).toBe('14.05 WIB');
    expect(plain(en.timeWithZone(at))).toBe('14:05 WIB');
    expect(plain(createFormats('id', 'Asia/Makassar').timeWithZone(at))).toBe('15.05 WITA');
    expect(plain(createFormats('id', 'Asia/Jayapura').timeWithZone(at))).toBe('16.05 WIT');
    expect(plain(createFormats('en', 'America/Denver').timeWithZone(at))).toBe('00:05 MST');
  });
  it('tells ages up to an hour, then the time, then the day', () => {
    expect(plain(id.age(at, now + 1_000))).toBe('baru saja');
    expect(plain(id.age(at, now + 12_000))).toBe('12 dtk lalu');
    expect(plain(en.age(at, now + 12_000))).toBe('12 s ago');
    expect(plain(id.age(at, now + 5 * 60_000))).toBe('5 mnt lalu');
    expect(plain(id.age(at, now + 3_600_000))).toBe('14.05');
    expect(plain(id.age(at, now + 24 * 3_600_000))).toBe('24 Nov 14.05');
    expect(plain(id.timeWithSeconds(at))).toBe('14.05.02');
  });
  it('tells durations in two units', () => {
    expect(plain(id.duration(8_040))).toBe('2 j 14 mnt');
    expect(plain(en.duration(8_040))).toBe('2 h 14 min');
    expect(plain(en.duration(7_200))).toBe('2 h');
    expect(plain(id.duration(49))).toBe('49 dtk');
    expect(plain(id.duration(2 * 86_400 + 3_600))).toBe('2 h 1 j');
  });
});
