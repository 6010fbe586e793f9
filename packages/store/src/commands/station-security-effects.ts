import type { CommandEffect } from './command-effects.ts';

/** True while another command of this kind may have reached the station: what it was told must go on letting it in. */
const othersMayHaveReached = `EXISTS (SELECT 1 FROM command c WHERE c.station_id = $1 AND c.id <> $2 AND c.action = $3 AND c.state IN ('queued', 'sent', 'accepted', 'unknown')
  AND c.created_at > $4::timestamptz - interval '30 days')`;

/** A password that the station refused is no password of it; one that it may have taken stays valid until it is used. */
export const forgetRefusedCredential: CommandEffect<'push-credential'> = async (client, _command, record, at) => {
  if (record.state !== 'rejected' && record.state !== 'failed') return;
  await client.query(`UPDATE station SET credential_hmac_next = NULL, credential_sealed = NULL WHERE id = $1 AND credential_sealed IS NOT NULL AND NOT ${othersMayHaveReached}`,
    [record.stationId, record.id, 'push-credential', at]);
};

/** A profile that the station refused is not expected of it any more. */
export const forgetRefusedProfile: CommandEffect<'set-security-profile'> = async (client, command, record, at) => {
  if (record.state !== 'rejected' && record.state !== 'failed') return;
  await client.query(`UPDATE station SET security_profile_next = NULL WHERE id = $1 AND security_profile_next = $5 AND NOT ${othersMayHaveReached}`,
    [record.stationId, record.id, 'set-security-profile', at, command.profile]);
};
