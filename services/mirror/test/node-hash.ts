import { createHash } from 'node:crypto';

/**
 * The hash of a node by which a conditional put says what it saw: of a leaf its type and value, of others the hashes of their children by key (the public
 * client computes the same; packages/database/src/core/snap of firebase-js-sdk). Nothing has the empty hash.
 */
export function nodeHash(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') {
    const text = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, nodeHash(child)]).filter(([, hash]) => hash !== '').map(([key, hash]) => `:${key}:${hash}`).join('');
    return text === '' ? '' : sha1(text);
  }
  return sha1(`${typeof value}:${typeof value === 'number' ? ieee754(value) : String(value)}`);
}

function ieee754(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

const sha1 = (text: string): string => createHash('sha1').update(text).digest('base64');
