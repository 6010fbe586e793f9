import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig, port } from './config.ts';

const shape = { DATABASE_URL: z.string().startsWith('postgres'), CSMS_API_PORT: port.default(8080) };

it('reads values and defaults', () => {
  expect(loadConfig(shape, { DATABASE_URL: 'postgres://x' })).toEqual({ DATABASE_URL: 'postgres://x', CSMS_API_PORT: 8080 });
});

it('reads X_FILE where X is not set', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kit-')), 'url');
  writeFileSync(file, 'postgres://from-file\n');
  expect(loadConfig(shape, { DATABASE_URL_FILE: file }).DATABASE_URL).toBe('postgres://from-file');
});

it('names each wrong variable in a sentence of its own', () => {
  const call = () => loadConfig(shape, { CSMS_API_PORT: '70000' });
  expect(call).toThrow(ConfigError);
  expect(call).toThrow(/DATABASE_URL is not set.*\nCSMS_API_PORT is wrong/s);
});
