import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The rules as they are published, without their comments. */
export function publishedRules(): { rules: object } {
  const text = readFileSync(join(import.meta.dirname, '../../../firebase/database.rules.json'), 'utf8');
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as { rules: object };
}
