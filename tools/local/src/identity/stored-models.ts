import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { z } from 'zod';

const Entry = z.object({ payload: z.record(z.string(), z.unknown()), expiresAtMs: z.number().nullable() });
const File = z.record(z.string(), Entry);
type Stored = { payload: AdapterPayload; expiresAtMs: number | null };

/**
 * What oidc-provider remembers (sign-ins, grants, refresh tokens), in memory and in one small file, so that a person stays signed in over a
 * restart. Writes are gathered: at most one a `saveDelayMs`, and one at close. For one machine and a handful of people.
 */
export class StoredModels {
  readonly #path: string;
  readonly #entries = new Map<string, Stored>();
  #timer: NodeJS.Timeout | null = null;

  constructor(path: string) {
    this.#path = path;
    if (!existsSync(path)) return;
    const read = File.safeParse(parseJson(readFileSync(path, 'utf8')));
    // An unreadable file costs a new sign-in and nothing else.
    if (read.success) for (const [key, entry] of Object.entries(read.data)) this.#entries.set(key, entry);
  }

  adapter = (model: string): Adapter => {
    const keyOf = (id: string): string => `${model}:${id}`;
    const find = (match: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
      for (const [key, entry] of this.#entries) if (key.startsWith(`${model}:`) && this.#live(entry) && match(entry.payload)) return entry.payload;
      return undefined;
    };
    return {
      upsert: async (id, payload, expiresIn) => {
        this.#entries.set(keyOf(id), { payload, expiresAtMs: expiresIn ? Date.now() + expiresIn * 1000 : null });
        this.#saveSoon();
      },
      find: async (id) => {
        const entry = this.#entries.get(keyOf(id));
        return entry && this.#live(entry) ? entry.payload : undefined;
      },
      findByUid: async (uid) => find((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => find((payload) => payload.userCode === userCode),
      consume: async (id) => {
        const entry = this.#entries.get(keyOf(id));
        if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
        this.#saveSoon();
      },
      destroy: async (id) => {
        this.#entries.delete(keyOf(id));
        this.#saveSoon();
      },
      revokeByGrantId: async (grantId) => {
        for (const [key, entry] of this.#entries) if (entry.payload.grantId === grantId) this.#entries.delete(key);
        this.#saveSoon();
      },
    };
  };

  /** Everything that somebody is signed in with: sessions, grants, codes, refresh tokens. */
  forgetAccount(accountId: string): void {
    const grants = new Set<unknown>();
    for (const [key, { payload }] of this.#entries) {
      if (payload.accountId !== accountId) continue;
      grants.add(payload.grantId ?? key.split(':')[1]);
      this.#entries.delete(key);
    }
    for (const [key, { payload }] of this.#entries) if (payload.grantId !== undefined && grants.has(payload.grantId)) this.#entries.delete(key);
    this.#saveSoon();
  }

  /** Writes what is not written yet and stops. */
  close(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#save();
  }

  #live(entry: Stored): boolean {
    return entry.expiresAtMs === null || entry.expiresAtMs > Date.now();
  }

  #saveSoon(): void {
    this.#timer ??= setTimeout(() => { this.#timer = null; this.#save(); }, 500);
    this.#timer.unref();
  }

  #save(): void {
    for (const [key, entry] of this.#entries) if (!this.#live(entry)) this.#entries.delete(key);
    writeFileSync(`${this.#path}.new`, JSON.stringify(Object.fromEntries(this.#entries)), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
