import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { runner } from 'node-pg-migrate';

/** Where the SQL files stand; 0001_books.sql is the contract for everyone. */
export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

/** The fixed names of the roles: the migrations grant to them by name. */
export const ownerRole = 'csms_owner';
export const appRole = 'csms_app';
export const busRole = 'csms_bus';

export interface MigrateOptions {
  /** A connection of the schema's owner (csms_owner) to the books' database. */
  ownerUrl: string;
  /** A connection that may create roles and databases; when given, the roles and the database of `ownerUrl` are made if they are missing. */
  adminUrl?: string;
  /** Password of csms_app, set when `adminUrl` is given. */
  appPassword?: string;
  /** Password of csms_bus, set when `adminUrl` is given. */
  busPassword?: string;
}

/**
 * Brings the books' schema up to date: roles and database first (only with `adminUrl`), then each SQL file that has not run yet, each in its own
 * transaction, under an advisory lock that a second caller waits for. Returns the names of the files that ran now.
 * Throws an Error with one sentence where the database cannot be reached or a role is missing.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  if (options.adminUrl !== undefined) await prepareDatabase({ ...options, adminUrl: options.adminUrl });
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const ran = await runner({
    databaseUrl: options.ownerUrl, dir: migrationsFolder, direction: 'up', migrationsTable: 'pgmigrations',
    advisoryLockMode: 'wait', logger: silent,
  });
  return ran.map((migration) => migration.name);
}

/** Creates csms_owner, csms_app and csms_bus and the database that `ownerUrl` names, where they are missing; sets the given passwords. */
export async function prepareDatabase(options: MigrateOptions & { adminUrl: string }): Promise<void> {
  const owner = new URL(options.ownerUrl);
  const database = decodeURIComponent(owner.pathname.slice(1));
  const admin = new pg.Client({ connectionString: options.adminUrl });
  await admin.connect();
  try {
    // Two launchers at once would race for the names; the lock is the server's, whatever database each is connected to.
    await admin.query('SELECT pg_advisory_lock(7241865325823965)');
    await ensureRole(admin, ownerRole, decodeURIComponent(owner.password));
    await ensureRole(admin, appRole, options.appPassword);
    await ensureRole(admin, busRole, options.busPassword);
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) {
      const { rows } = await admin.query<{ name: string }>('SELECT current_user AS name');
      // A creator that is no superuser must be a member of the owner it names.
      if (rows[0]!.name !== ownerRole) await admin.query(`GRANT ${ownerRole} TO ${admin.escapeIdentifier(rows[0]!.name)}`);
      await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(database)} OWNER ${ownerRole}`);
    }
  } finally {
    await admin.end();
  }
}

async function ensureRole(admin: pg.Client, role: string, password: string | undefined): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await admin.query(`CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS`);
  if (password) await admin.query(`ALTER ROLE ${role} LOGIN PASSWORD ${admin.escapeLiteral(password)}`);
}
