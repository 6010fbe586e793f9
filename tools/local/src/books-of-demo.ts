import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SitePage, StationCreated, StationPage, TariffPage, Token, TokenPage } from '@csms/contracts/http/index';
import { z } from 'zod';
import type { ApiClient } from './api-client.ts';

/** The cards of the demo. The lab taps them by label. */
export const demoCards = [
  { uid: '04A2B6C8D1E211', label: 'known' as const, driverName: 'Sari Wulandari' },
  { uid: '04F19C3A7B5524', label: 'known' as const, driverName: 'Budi Santoso' },
  { uid: '0477E1D05C2F37', label: 'known' as const, driverName: 'Rina Kusuma' },
  { uid: '04C35B9D20AA42', label: 'known' as const, driverName: 'Agus Prasetyo' },
  { uid: '0438D6E1F47B53', label: 'known' as const, driverName: 'Dewi Anggraini' },
  { uid: '04E0A91C6D3568', label: 'known' as const, driverName: 'Hendra Wijaya' },
  { uid: '045D72B8C91E7A', label: 'known' as const, driverName: 'Maya Sari' },
  { uid: '0496F30A1BE28C', label: 'known' as const, driverName: 'Yusuf Hidayat' },
  { uid: '04BADBAD11229D', label: 'blocked' as const, driverName: 'Kartu hilang' },
  { uid: '04DEADBEEF00AE', label: 'unknown' as const, driverName: null },
];

const demoTariff = {
  name: 'Tarif SPKLU', currency: 'IDR', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 300, idleGraceMinutes: 10,
  siteId: null, validFrom: '2016-01-01T00:00:00.000Z', validUntil: null,
};

const Credentials = z.record(z.string(), z.string());

/** The passwords that the API showed once, kept for the simulated chargers as an installer would keep them in the charger. */
export class CredentialFile {
  readonly #file: string;
  #known: Record<string, string>;

  constructor(file: string) {
    this.#file = file;
    this.#known = existsSync(file) ? Credentials.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  }

  get(identity: string): string | undefined { return this.#known[identity]; }

  set(identity: string, password: string): void {
    this.#known[identity] = password;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#known, null, 2), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** Waits until the operator has brought a site into the books. */
export async function untilSite(api: ApiClient, name: string, limitMs = 60_000): Promise<string> {
  const until = Date.now() + limitMs;
  for (;;) {
    const { items } = await api.call('GET', '/sites?limit=500', SitePage);
    const site = items.find((each) => each.name === name);
    if (site) return site.id;
    if (Date.now() > until) throw new Error(`the operator did not bring the site ${name} into the books within ${limitMs / 1000} s`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Registers a station and gives its password, or the password that was kept; a station whose password was lost gets a new one. */
export async function ensureStation(api: ApiClient, siteId: string, identity: string, credentials: CredentialFile): Promise<{ id: string; password: string }> {
  const { items } = await api.call('GET', `/stations?identity=${encodeURIComponent(identity)}`, StationPage);
  const known = items[0];
  const kept = credentials.get(identity);
  if (known && kept !== undefined) return { id: known.id, password: kept };
  const made = known
    ? await api.call('POST', `/stations/${known.id}/credential?replace=true`, StationCreated)
    : await api.call('POST', '/stations', StationCreated, { siteId, identity });
  credentials.set(identity, made.credential.password);
  return { id: made.station.id, password: made.credential.password };
}

/** Cards and a tariff, once. */
export async function ensureCommerce(api: ApiClient): Promise<void> {
  const tariffs = await api.call('GET', '/tariffs', TariffPage);
  if (tariffs.items.length === 0) await api.call('POST', '/tariffs', z.unknown(), demoTariff);
  const tokens = await api.call('GET', '/tokens?limit=500', TokenPage);
  if (tokens.items.length > 0) return;
  for (const card of demoCards.filter(({ label }) => label !== 'unknown')) {
    const token = await api.call('POST', '/tokens', Token, { uid: card.uid, driverName: card.driverName });
    if (card.label === 'blocked') await api.call('PATCH', `/tokens/${token.id}`, z.unknown(), { status: 'blocked' });
  }
}
