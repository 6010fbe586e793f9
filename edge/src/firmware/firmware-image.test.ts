import { expect, it } from 'vitest';
import { versionOfImage } from './firmware-image.ts';

it('a firmware image is of the version that it states, else that its name does, else of its hash', () => {
  const version = (image: string, path: string) => versionOfImage(Buffer.from(image), `http://127.0.0.1${path}`);
  expect(version('firmwareVersion: 2.1.0-rc.1\nrest', '/edge-9.9.9.bin')).toBe('2.1.0-rc.1');
  expect(version('{ "firmwareVersion": "3.0" }', '/x')).toBe('3.0');
  expect(version('bytes', '/files/edge-1.20.3.bin?token=4.4')).toBe('1.20.3');
  expect(version('bytes', '/files/v2.0.tar')).toBe('2.0');
  expect(version('bytes', '/0190b0c0-0000-7000')).toMatch(/^[0-9a-f]{12}$/);
});
