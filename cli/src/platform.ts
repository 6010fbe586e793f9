import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlatformFile } from '@csms/contracts/platform-file';
import { ConfigError, loadConfig } from '@csms/kit';
import { z } from 'zod';
import { CliError, exitCodes } from './exit.ts';

export const rootDir = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What csmsctl reads from the environment. */
export interface CliSettings { dataDir: string; apiUrl: string | null; token: string | null;
  /** Where `csmsctl login` keeps who signed in; null: nowhere. */
  sessionFile: string | null;
}

export function readSettings(env: Record<string, string | undefined>): CliSettings {
  try {
    const settings = loadConfig({
      CSMS_DATA_DIR: z.string().default('.csms').describe('the data folder of npm start'),
      CSMS_API_URL: z.url().optional().describe('an API elsewhere, with its /api/v1'),
      CSMS_TOKEN: z.string().optional().describe('an access token for that API'),
      CSMS_SESSION_FILE: z.string().optional().describe('where csmsctl login keeps who signed in'),
      XDG_CONFIG_HOME: z.string().optional(),
      HOME: z.string().optional(),
    }, env);
    const configHome = settings.XDG_CONFIG_HOME ?? (settings.HOME === undefined ? null : join(settings.HOME, '.config'));
    return { dataDir: resolve(rootDir, settings.CSMS_DATA_DIR), apiUrl: settings.CSMS_API_URL ?? null, token: settings.CSMS_TOKEN ?? null, sessionFile: settings.CSMS_SESSION_FILE ?? (configHome === null ? null : join(configHome, 'csmsctl', 'session.json')) };
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message, exitCodes.usage);
    throw error;
  }
}

/** The platform that `npm start` runs over this data folder, or an error that says how to start one. */
export function readPlatform(settings: CliSettings): PlatformFile {
  const path = join(settings.dataDir, 'run', 'platform.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CliError(`no platform runs here (${path} is not there): start one with npm start, or name another with CSMS_DATA_DIR, or with CSMS_API_URL and CSMS_TOKEN`, exitCodes.unreachable);
  }
  const parsed = PlatformFile.safeParse(parseJson(text));
  if (!parsed.success) throw new CliError(`${path} cannot be understood: it is from another version; stop the platform and start it again`, exitCodes.unreachable);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
