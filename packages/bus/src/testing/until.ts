import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a fact: asks again until `probe` gives something that is neither null, undefined nor false. Throws, with `what`, after `timeoutMs`. */
export async function until<T>(what: string, probe: () => T | Promise<T>, timeoutMs = 15_000): Promise<NonNullable<T>> {
  const endsAt = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > endsAt) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await pause(25);
  }
}
