import { z } from 'zod';
import type { CommandEffect } from '../commands/command-effects.ts';
import { keepListUpdate } from './list-entries.ts';

const Status = z.object({ status: z.string() });
const Version = z.object({ listVersion: z.number().int() });
const CallError = z.object({ code: z.string() });

/**
 * SendLocalList has ended (1.6, 5.15). Accepted: the station has what it was sent. Not accepted, or nobody knows: what it has is not what we think, so
 * the next update is a full one. An answer that comes after a newer list was sent says nothing certain either.
 */
export const sendLocalListEffect: CommandEffect<'send-local-list'> = async (client, command, record, at) => {
  const { rows } = await client.query<{ version: number; sent_version: number; content_known: boolean }>('SELECT version, sent_version, content_known FROM local_list WHERE station_id = $1 FOR UPDATE', [record.stationId]);
  const list = rows[0];
  if (list === undefined || command.listVersion <= list.version || record.state === 'expired' || record.state === 'not-connected') return;
  const applies = record.state === 'accepted' && command.listVersion === list.sent_version && (command.updateType === 'full' || list.content_known);
  if (applies) {
    await keepListUpdate(client, record.stationId, command);
    await client.query('UPDATE local_list SET version = $2, content_known = true, synced_at = $3 WHERE station_id = $1', [record.stationId, command.listVersion, at]);
    return;
  }
  const status = Status.safeParse(record.result).data?.status ?? CallError.safeParse(record.result).data?.code;
  const unsupported = status !== undefined && ['NotSupported', 'NotImplemented'].includes(status);
  await client.query(`UPDATE local_list SET content_known = false, outcome = CASE WHEN $2 THEN 'unsupported' ELSE outcome END WHERE station_id = $1`, [record.stationId, unsupported]);
};

/** GetLocalListVersion has ended (1.6, 5.10): a version other than the one that was accepted last means that the list is another one. */
export const localListVersionEffect: CommandEffect<'get-local-list-version'> = async (client, _command, record, at) => {
  const answer = Version.safeParse(record.result);
  if (!answer.success) return;
  await client.query(`UPDATE local_list SET reported_version = $2, reported_at = $3, content_known = content_known AND version = $2 WHERE station_id = $1`, [record.stationId, answer.data.listVersion, at]);
};
