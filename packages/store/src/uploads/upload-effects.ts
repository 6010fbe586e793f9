import type { CommandEffect } from '../commands/command-effects.ts';
import { uploadRefused } from './station-uploads.ts';

/** A station that was not reached, or said no, sends no file. An answer that never came says nothing: the file may still come. */
export const uploadEffect: CommandEffect<'get-diagnostics' | 'get-log'> = async (client, _command, record) => {
  if (['rejected', 'failed', 'not-connected', 'expired'].includes(record.state)) await uploadRefused(client, record.idempotencyKey, record.detail ?? record.state);
};
