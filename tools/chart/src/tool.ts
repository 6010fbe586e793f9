import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { loadConfig } from '@csms/kit';
import { z } from 'zod';

/** Whether a program can be started by its name. */
export function onPath(name: string): boolean {
  const { PATH } = loadConfig({ PATH: z.string().default('') });
  return PATH.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));
}
