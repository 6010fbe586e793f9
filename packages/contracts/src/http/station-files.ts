import { z } from 'zod';
import { Uuid } from './common.ts';

/** An address that a station got: it carries no user and no password, and opens one file for a while (C-13). */
export const StationFileParams = z.object({ tenant: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/), id: Uuid, secret: z.string().min(1).max(64) });
export const NamedStationFileParams = StationFileParams.extend({ name: z.string().min(1).max(255) });
