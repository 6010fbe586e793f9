import { createHash } from 'node:crypto';

/**
 * Which version a firmware image is: what its first line says (`firmwareVersion: 1.2.3`, or a JSON object with that
 * member), else what its file is called, else its hash. At most the 50 characters of BootNotification.
 */
export function versionOfImage(image: Buffer, location: string): string {
  const head = image.subarray(0, 1_024).toString('latin1');
  const stated = /^[\s{]*"?firmwareVersion"?\s*[:=]\s*"?([\w.+-]{1,50})/.exec(head)?.[1];
  const fileName = new URL(location).pathname.split('/').at(-1) ?? '';
  const named = /\d+(?:\.\d+)+(?:[+-][\w.]+?)?(?=\.[a-z]+$|$|[^\w.+-])/i.exec(fileName)?.[0];
  return stated ?? named?.slice(0, 50) ?? createHash('sha256').update(image).digest('hex').slice(0, 12);
}
