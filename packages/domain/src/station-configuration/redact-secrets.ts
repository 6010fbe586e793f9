import { standardKey } from './standard-keys.ts';

/** What stands where a secret was. */
export const redacted = '***';

/** A password as we make them: 40 hexadecimal digits that stand alone. A fingerprint or a signature is longer. */
const passwordLike = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/gi;
/** `key` and `value` as text tells them: JSON, or words about it. */
const namedInText = /((?:AuthorizationKey|BasicAuthPassword)\\*["']?\s*(?:[:=,]\s*(?:\\*["']?value\\*["']?\s*[:=]\s*)?|is\s+|value\s+)\\*["']?)[^\s"',;}\]\\]+/gi;

/** A key that can be set and is never told: AuthorizationKey (1.6 security whitepaper, 2.3), BasicAuthPassword (2.0.1 SecurityCtrlr). */
export function isSecretKey(key: string): boolean {
  // Vendors write the names with blanks and dashes.
  const name = key.replace(/[\s_-]/g, '');
  return standardKey(name)?.access === 'write' || /^(?:securityctrlr\.)?basicauthpassword$/i.test(name);
}

/** Free text of a station without passwords. */
export function redactText(text: string, secret = ''): string {
  const without = secret.length < 8 ? text : text.replace(new RegExp(secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), redacted);
  return without.replace(namedInText, `$1${redacted}`).replace(passwordLike, redacted);
}

/**
 * What a station answered, without what nobody may read of it: the value of a secret key wherever an object names it, the secret itself (`secret`: what was
 * pushed), and whatever looks like a password of ours, under any key. Whatever holds none comes back equal.
 */
export function redactAnswer(answer: unknown, secret = ''): unknown {
  if (typeof answer === 'string') return redactText(answer, secret);
  if (Array.isArray(answer)) return answer.map((each) => redactAnswer(each, secret));
  if (typeof answer !== 'object' || answer === null) return answer;
  const entries = Object.entries(answer);
  const namesSecret = entries.some(([name, value]) => (/^key$/i.test(name) && typeof value === 'string' && isSecretKey(value)) || (name === 'variable' && isSecretVariable(value)));
  return Object.fromEntries(entries.map(([name, value]) => {
    const isSecret = isSecretKey(name) || (namesSecret && /^(?:value|attributeValue)$/i.test(name));
    return [redactText(name, secret), isSecret && value !== null ? redacted : redactAnswer(value, secret)];
  }));
}

function isSecretVariable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && isSecretKey(value.name);
}
