import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A configuration that cannot be used. `message` is one sentence a line, fit for a terminal. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads a process's settings from the environment, once, at its start. A variable `X_FILE` names a file whose content is the value of `X`
 * (how a mounted Secret arrives). Throws ConfigError that names each wrong variable and what is expected.
 */
export function loadConfig<S extends z.ZodRawShape>(shape: S, env: Record<string, string | undefined> = process.env): z.infer<z.ZodObject<S>> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(shape)) {
    const direct = env[name];
    const file = env[`${name}_FILE`];
    if (direct !== undefined && direct !== '') values[name] = direct;
    else if (file) values[name] = readValueFile(name, file);
  }
  const parsed = z.object(shape).safeParse(values);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return values[name] === undefined ? `${name} is not set: ${describe(issue)}` : `${name} is wrong: ${describe(issue)}`;
  });
  throw new ConfigError(lines.join('\n'));
}

function describe(issue: z.core.$ZodIssue): string {
  return issue.message.replace(/^Invalid input: /, '');
}

function readValueFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    throw new ConfigError(`${name}_FILE cannot be read (${path}): ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}

/** Settings that every process has; spread into a process's own shape. */
export const commonSettings = {
  CSMS_MODE: z.enum(['lab', 'production']).default('production').describe('lab allows plain ws and security profile 1, and says so'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ADMIN_PORT: z.coerce.number().int().min(0).max(65_535).default(9464).describe('metrics, /livez and /readyz; 0 takes any free port'),
  POD_NAME: z.string().default('local'),
} as const;

/** Words with commas between them; spaces around them and empty ones do not count. */
export const commaList = z.string().default('').transform((text) => text.split(',').map((each) => each.trim()).filter((each) => each !== ''));

/** Where the books and the bus are; spread into the shape of a process that needs both. */
export const storeSettings = {
  DATABASE_URL: z.string().describe('the books, as the application role'),
  REDIS_URL: z.string().optional().describe('the bus in Redis; absent: the bus in PostgreSQL'),
  BUS_DATABASE_URL: z.string().optional().describe('the bus in PostgreSQL; absent: under DATABASE_URL'),
} as const;

export const port = z.coerce.number().int().min(0).max(65_535);
