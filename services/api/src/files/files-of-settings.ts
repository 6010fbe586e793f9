import { ConfigError } from '@csms/kit';
import { openFiles } from '@csms/store/uploads/open-files';
import type { z } from 'zod';
import type { ApiParts } from '../api-parts.ts';
import type { settings } from '../settings.ts';

/** Where files lie, and the address under which stations reach them. Throws ConfigError where that would lose files or lead stations to nowhere. */
export function filesOf(config: z.infer<z.ZodObject<typeof settings>>): ApiParts['files'] {
  const { CSMS_FILES_S3_URL: bucketUrl, CSMS_FILES_S3_ACCESS_KEY_ID: accessKeyId, CSMS_FILES_S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (bucketUrl !== undefined && (accessKeyId === undefined || secretAccessKey === undefined)) throw new ConfigError('CSMS_FILES_S3_URL is set: set CSMS_FILES_S3_ACCESS_KEY_ID and CSMS_FILES_S3_SECRET_ACCESS_KEY');
  if (config.CSMS_FILES_URL !== undefined && new URL(config.CSMS_FILES_URL).username !== '') throw new ConfigError('CSMS_FILES_URL carries a user name: addresses for stations carry none');
  if (config.CSMS_MODE === 'production' && config.CSMS_FILES_DIR === undefined && bucketUrl === undefined) throw new ConfigError('set CSMS_FILES_DIR or CSMS_FILES_S3_URL: files of stations and firmware would lie in the temporary folder');
  if (config.CSMS_MODE === 'production' && config.CSMS_FILES_URL === undefined) throw new ConfigError('set CSMS_FILES_URL: stations would be sent to this machine for files');
  const s3 = bucketUrl === undefined || accessKeyId === undefined || secretAccessKey === undefined ? null : { bucketUrl, region: config.CSMS_FILES_S3_REGION, accessKeyId, secretAccessKey };
  return {
    store: openFiles({ dir: config.CSMS_FILES_DIR ?? null, s3 }),
    stationUrl: (config.CSMS_FILES_URL ?? `http://127.0.0.1:${config.CSMS_API_PORT}/api/v1`).replace(/\/+$/, ''),
  };
}
