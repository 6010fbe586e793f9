import type { Station } from '@csms/domain';
import type pg from 'pg';
import { inTenant } from '../in-tenant.ts';

/** Looks of one batch at most; a crowd larger than that takes several. */
const identitiesMax = 500;
/** Batches of one tenant on their way at once: a storm of look-ups leaves connections for the facts. */
const batchesMax = 2;

interface Asked { identity: string; resolve: (station: Station | null) => void; reject: (error: unknown) => void }
interface Waiting { asked: Asked[]; running: number }

/**
 * Stations by identity, those of a tenant that are asked for at the same time in one query: when a gateway goes, thousands of stations knock at the
 * next one within seconds, and each has to be looked up before it is let in (gateway.md 4.4). The first one asks at once; while it is on its way the
 * others collect.
 */
export class StationLookup {
  readonly #pool: pg.Pool;
  readonly #waiting = new Map<string, Waiting>();

  constructor(pool: pg.Pool) { this.#pool = pool; }

  /** The station of an active site, or null. Rejects with what PostgreSQL says. */
  find(tenantId: string, identity: string): Promise<Station | null> {
    let waiting = this.#waiting.get(tenantId);
    if (waiting === undefined) this.#waiting.set(tenantId, waiting = { asked: [], running: 0 });
    const { asked } = waiting;
    return new Promise((resolve, reject) => {
      asked.push({ identity, resolve, reject });
      void this.#run(tenantId, waiting);
    });
  }

  async #run(tenantId: string, waiting: Waiting): Promise<void> {
    if (waiting.running >= batchesMax) return;
    waiting.running += 1;
    while (waiting.asked.length > 0) {
      const batch = waiting.asked.splice(0, identitiesMax);
      try {
        const found = await this.#look(tenantId, [...new Set(batch.map(({ identity }) => identity))]);
        for (const { identity, resolve } of batch) resolve(found.get(identity) ?? null);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    waiting.running -= 1;
    if (waiting.running === 0) this.#waiting.delete(tenantId);
  }

  #look(tenantId: string, identities: string[]): Promise<Map<string, Station>> {
    return inTenant(this.#pool, tenantId, async (client) => {
      const { rows } = await client.query<Station>({
        name: 'find_stations',
        text: `SELECT st.tenant_id AS "tenantId", st.id, st.site_id AS "siteId", st.identity, st.ocpp_version AS "ocppVersion", st.registration, s.heartbeat_interval_s AS "heartbeatIntervalS",
           st.credential_hmac AS "credentialHmac", st.credential_hmac_next AS "credentialHmacNext", st.security_profile AS "securityProfile", st.security_profile_next AS "securityProfileNext",
           st.vendor, st.model, st.firmware
         FROM station st JOIN site s ON s.tenant_id = st.tenant_id AND s.id = st.site_id WHERE st.identity = ANY($1) AND s.state = 'active'`,
        values: [identities],
      });
      return new Map(rows.map((row) => [row.identity, { ...row, credentialHmac: kept(row.credentialHmac), credentialHmacNext: kept(row.credentialHmacNext) }]));
    });
  }
}

/**
 * A few bytes of their own memory. As they come they are a slice of a slab that Node shares with every frame of that moment, and a gateway that remembers
 * thousands of stations would keep a slab alive for each few dozen of them.
 */
function kept(bytes: Uint8Array | null): Buffer | null {
  if (bytes === null) return null;
  const own = Buffer.allocUnsafeSlow(bytes.byteLength);
  own.set(bytes);
  return own;
}
