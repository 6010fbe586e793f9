import type pg from 'pg';

export interface PublishedAuthority { fingerprintSha256: string; subject: string; operatorName: string; certificatePem: string; notBefore: Date; notAfter: Date; signs: boolean }

/** Makes the client's tenant believe in exactly these authorities. Resolves with how many rows changed; none is the usual case. */
export async function publishAuthorities(client: pg.ClientBase, authorities: readonly PublishedAuthority[], now: Date): Promise<number> {
  let changed = 0;
  for (const each of authorities) {
    const { rowCount } = await client.query(
      `INSERT INTO certificate_authority AS a (tenant_id, fingerprint_sha256, subject, operator_name, certificate_pem, not_before, not_after, signs, updated_at)
       SELECT id, $1, $2, $3, $4, $5, $6, $7, $8 FROM tenant WHERE id = current_setting('app.tenant')
       ON CONFLICT (tenant_id, fingerprint_sha256) DO UPDATE SET operator_name = excluded.operator_name, signs = excluded.signs, state = 'active', updated_at = excluded.updated_at
       WHERE (a.operator_name, a.signs, a.state) IS DISTINCT FROM (excluded.operator_name, excluded.signs, 'active')`,
      [each.fingerprintSha256, each.subject, each.operatorName, each.certificatePem, each.notBefore, each.notAfter, each.signs, now]);
    changed += rowCount ?? 0;
  }
  const retired = await client.query("UPDATE certificate_authority SET state = 'retired', signs = false, updated_at = $2 WHERE state = 'active' AND fingerprint_sha256 <> ALL ($1)",
    [authorities.map((each) => each.fingerprintSha256), now]);
  return changed + (retired.rowCount ?? 0);
}
