import type { CertificateName } from '@csms/domain';
import type pg from 'pg';

type Ask = <T>(operation: string, tenantId: string, work: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
interface Asked { certificate: CertificateName; resolve: (revoked: boolean) => void; reject: (error: unknown) => void }

/** Certificates of one look at most; a crowd larger than that takes several. */
const certificatesMax = 500;

/**
 * Is this certificate revoked? Those of a tenant that are asked for at the same time are one query: when a gateway goes, thousands of stations come to the next
 * one within seconds. The first one asks at once; while it is on its way the others collect.
 */
export class RevocationLookup {
  readonly #ask: Ask;
  readonly #waiting = new Map<string, Asked[]>();

  constructor(ask: Ask) { this.#ask = ask; }

  /** Rejects with BooksUnavailable when the books cannot be reached. */
  isRevoked(tenantId: string, certificate: CertificateName): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(tenantId);
      if (waiting !== undefined) { waiting.push({ certificate, resolve, reject }); return; }
      const asked = [{ certificate, resolve, reject }];
      this.#waiting.set(tenantId, asked);
      void this.#run(tenantId, asked);
    });
  }

  async #run(tenantId: string, asked: Asked[]): Promise<void> {
    while (asked.length > 0) {
      const batch = asked.splice(0, certificatesMax);
      try {
        const revoked = await this.#look(tenantId, batch.map(({ certificate }) => certificate));
        batch.forEach(({ resolve }, index) => resolve(revoked.has(index)));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same step as the last look at the list: who comes a moment later begins anew.
    this.#waiting.delete(tenantId);
  }

  #look(tenantId: string, certificates: readonly CertificateName[]): Promise<Set<number>> {
    return this.#ask('a look-up of revocations', tenantId, async (client) => {
      const { rows } = await client.query<{ place: number }>({
        name: 'find_revocations',
        text: `SELECT a.place::int - 1 AS place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a (issuer, serial, place)
          JOIN revoked_certificate r ON r.tenant_id = current_setting('app.tenant') AND r.issuer = a.issuer AND r.serial_number = a.serial`,
        values: [certificates.map(({ issuer }) => issuer), certificates.map(({ serialNumber }) => serialNumber)],
      });
      return new Set(rows.map(({ place }) => place));
    });
  }
}
