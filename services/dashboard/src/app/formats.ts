/** How numbers, money and times are written; pure, the clock and the zone come in. */
export type Language = 'id' | 'en';

/** A number and its unit apart, so that a screen can set the unit in a lighter weight. */
export interface Quantity { value: string; unit: string }

export interface Formats {
  language: Language;
  timeZone: string;
  number(value: number, digits?: number): string;
  percent(fraction: number, digits?: number): string;
  /** Integer minor units; rupiah have no smaller unit. */
  money(minor: number, currency: string): string;
  energy(wh: number, digits?: number): Quantity;
  power(w: number, digits?: number): Quantity;
  /** 14.05 */
  time(at: string | number): string;
  /** 14.05.02 */
  timeWithSeconds(at: string | number): string;
  /** 14.05 WIB */
  timeWithZone(at: string | number): string;
  /** 24 Nov */
  date(at: string | number): string;
  /** 24 Nov 2026 */
  dateWithYear(at: string | number): string;
  /** 14.05 on the day of `now`, else 24 Nov 14.05 */
  moment(at: string | number, nowMs: number): string;
  /** 12 dtk lalu, 5 mnt lalu; from an hour on, the moment. */
  age(at: string | number, nowMs: number): string;
  /** 2 j 14 mnt */
  duration(seconds: number): string;
  /** 4,5 mnt */
  minutes(value: number): string;
  /** WIB */
  zone(at: string | number): string;
}

const thinSpace = '\u202f';
const noBreakSpace = '\u00a0';
const locales: Record<Language, string> = { id: 'id-ID', en: 'en-GB' };
const words: Record<Language, { second: string; minute: string; hour: string; day: string; ago: (text: string) => string; now: string }> = {
  id: { second: 'dtk', minute: 'mnt', hour: 'j', day: 'h', ago: (text) => `${text} lalu`, now: 'baru saja' },
  en: { second: 's', minute: 'min', hour: 'h', day: 'd', ago: (text) => `${text} ago`, now: 'just now' },
};
/** Indonesia's zones by name: no locale data of a browser is trusted to call them so. */
const indonesianZones: Record<string, string> = { 'Asia/Jakarta': 'WIB', 'Asia/Pontianak': 'WIB', 'Asia/Makassar': 'WITA', 'Asia/Jayapura': 'WIT' };

/** The formats of one language and one site's zone (IANA name). */
export function createFormats(language: Language, timeZone: string): Formats {
  const locale = locales[language];
  const w = words[language];
  const numberFormats = new Map<number, Intl.NumberFormat>();
  const number = (value: number, digits = 0): string => {
    let format = numberFormats.get(digits);
    if (!format) numberFormats.set(digits, (format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })));
    const text = format.format(value);
    return /^-[0.,]+$/.test(text) ? text.slice(1) : text.replace(/^-/, '\u2212');
  };
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const dayMonth = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short' });
  const dayMonthYear = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
  const dayKey = new Intl.DateTimeFormat('en-CA', { timeZone });
  const zoneName = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' });
  const ms = (at: string | number): number => (typeof at === 'number' ? at : Date.parse(at));
  const timeWithSeconds = (at: string | number): string => {
    const text = clock.format(ms(at));
    return language === 'id' ? text.replaceAll(':', '.') : text;
  };
  const time = (at: string | number): string => timeWithSeconds(at).slice(0, 5);
  const zone = (at: string | number): string => indonesianZones[timeZone] ?? zoneName.formatToParts(ms(at)).find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
  const date = (at: string | number): string => dayMonth.format(ms(at)).replace(' ', noBreakSpace);
  const moment = (at: string | number, nowMs: number): string => (dayKey.format(ms(at)) === dayKey.format(nowMs) ? time(at) : `${date(at)}${noBreakSpace}${time(at)}`);
  const two = (a: number, unitA: string, b: number, unitB: string): string => `${a}${noBreakSpace}${unitA}${b === 0 ? '' : `${noBreakSpace}${b}${noBreakSpace}${unitB}`}`;
  return {
    language, timeZone, number, time, timeWithSeconds, zone, date, moment,
    minutes: (value) => `${number(value, Number.isInteger(value) ? 0 : 2)}${noBreakSpace}${w.minute}`,
    dateWithYear: (at) => dayMonthYear.format(ms(at)).replaceAll(' ', noBreakSpace),
    timeWithZone: (at) => `${time(at)}${noBreakSpace}${zone(at)}`,
    percent: (fraction, digits = 0) => `${number(fraction * 100, digits)}%`,
    money: (minor, currency) => {
      if (currency === 'IDR') return `${minor < 0 ? '\u2212' : ''}Rp${noBreakSpace}${number(Math.abs(minor))}`;
      const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
      return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
    },
    energy: (wh, digits = 1) => ({ value: number(wh / 1_000, digits), unit: 'kWh' }),
    power: (watts, digits = 1) => ({ value: number(watts / 1_000, digits), unit: 'kW' }),
    age: (at, nowMs) => {
      const seconds = Math.max(0, Math.floor((nowMs - ms(at)) / 1_000));
      if (seconds < 2) return w.now;
      if (seconds < 60) return w.ago(`${seconds}${noBreakSpace}${w.second}`);
      if (seconds < 3_600) return w.ago(`${Math.floor(seconds / 60)}${noBreakSpace}${w.minute}`);
      return moment(at, nowMs);
    },
    duration: (seconds) => {
      const s = Math.max(0, Math.floor(seconds));
      if (s < 60) return `${s}${noBreakSpace}${w.second}`;
      if (s < 3_600) return `${Math.floor(s / 60)}${noBreakSpace}${w.minute}`;
      if (s < 86_400) return two(Math.floor(s / 3_600), w.hour, Math.floor((s % 3_600) / 60), w.minute);
      return two(Math.floor(s / 86_400), w.day, Math.floor((s % 86_400) / 3_600), w.hour);
    },
  };
}

/** A quantity as one text, for labels, table twins and tooltips. */
export function quantityText(quantity: Quantity): string {
  return `${quantity.value}${thinSpace}${quantity.unit}`;
}
