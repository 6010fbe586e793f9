import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Account } from './accounts.ts';

const Role = z.enum(['viewer', 'operator', 'admin', 'platform']);
const Kept = z.object({
  username: z.string(), name: z.string(), email: z.string().nullable(), tenant: z.string().nullable(), role: Role,
  /** Salt and scrypt digest, hex; absent: the demo's printed password. */
  password: z.object({ salt: z.string(), digest: z.string(), mustChange: z.boolean() }).optional(),
});
export type KeptAccount = z.infer<typeof Kept>;
/** What differs from the demo's people; null: removed. */
const File = z.record(z.string(), Kept.nullable());

/**
 * Who may sign in at the issuer of `npm start`: the demo's people, whose passwords are printed, and whoever was invited, changed or removed since
 * (`people.json`, mode 0600, with digests of passwords).
 */
export class AccountBook {
  readonly #path: string;
  readonly #printed: Map<string, string>;
  readonly #accounts = new Map<string, KeptAccount>();
  readonly #changes: z.infer<typeof File> = {};

  constructor(dataDir: string, demo: Account[]) {
    this.#path = join(dataDir, 'people.json');
    this.#printed = new Map(demo.map((account) => [account.username, account.password]));
    for (const { username, name, tenant, role } of demo) this.#accounts.set(username, { username, name, email: null, tenant, role });
    if (!existsSync(this.#path)) return;
    const read = File.safeParse(parseJson(readFileSync(this.#path, 'utf8')));
    if (!read.success) throw new Error(`${this.#path} is not the file of people that was written there: delete it to begin with the demo's`);
    for (const [username, account] of Object.entries(read.data)) {
      this.#changes[username] = account;
      if (account) this.#accounts.set(username, account);
      else this.#accounts.delete(username);
    }
  }

  find(username: string): KeptAccount | undefined {
    return this.#accounts.get(username);
  }

  list(tenant: string): KeptAccount[] {
    return [...this.#accounts.values()].filter((account) => account.tenant === tenant).sort((a, b) => (a.username < b.username ? -1 : 1));
  }

  /** Compares in the same time for everybody, also for nobody. `first`: right, and to be changed now. */
  check(username: string, password: string): 'right' | 'first' | 'wrong' {
    const account = this.#accounts.get(username);
    const printed = this.#printed.get(username);
    const { salt, digest } = account?.password ?? { salt: 'none', digest: '' };
    const given = scryptSync(password, salt, 32);
    const expected = account?.password ? Buffer.from(digest, 'hex') : scryptSync(printed ?? randomBytes(18).toString('hex'), salt, 32);
    if (!timingSafeEqual(given, expected) || !account) return 'wrong';
    return account.password?.mustChange ? 'first' : 'right';
  }

  /** False: the name is taken. */
  add(account: Omit<KeptAccount, 'password'>, temporaryPassword: string): boolean {
    if (this.#accounts.has(account.username)) return false;
    this.#keep(account.username, { ...account, password: digestOf(temporaryPassword, true) });
    return true;
  }

  setRole(username: string, role: KeptAccount['role']): void {
    const account = this.#accounts.get(username);
    if (account) this.#keep(username, { ...account, role });
  }

  setPassword(username: string, password: string): void {
    const account = this.#accounts.get(username);
    if (account) this.#keep(username, { ...account, password: digestOf(password, false) });
  }

  remove(username: string): void {
    this.#keep(username, null);
  }

  #keep(username: string, account: KeptAccount | null): void {
    this.#changes[username] = account;
    if (account) this.#accounts.set(username, account);
    else this.#accounts.delete(username);
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#changes, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function digestOf(password: string, mustChange: boolean): NonNullable<KeptAccount['password']> {
  const salt = randomBytes(16).toString('hex');
  return { salt, digest: scryptSync(password, salt, 32).toString('hex'), mustChange };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
