import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { refreshTokens, type Tokens } from './device-flow.ts';
import { CliError, exitCodes } from './exit.ts';

/** Who signed in with `csmsctl login`, in a file that its owner alone can read. */
export const Session = z.object({ api: z.string(), issuer: z.string(), clientId: z.string(), accessToken: z.string(), refreshToken: z.string().nullable(), expiresAtMs: z.number() });
export type Session = z.infer<typeof Session>;

const staleLockMs = 30_000;
const refreshBeforeMs = 30_000;

/** The session that is kept, or null where nobody signed in (or there is no file to keep one in). Throws CliError where the file is not one of ours or was cut off. */
export function readSession(path: string | null): Session | null {
  if (path === null) return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const parsed = Session.safeParse(jsonOrNull(text));
  if (!parsed.success) throw new CliError(`${path} cannot be understood: csmsctl logout, then csmsctl login`, exitCodes.usage);
  return parsed.data;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keeps a session: whole or not at all, and for its owner's eyes alone. */
export function writeSession(path: string, session: Session): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(session), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Removes what is kept; nothing kept is fine. */
export function forgetSession(path: string): void {
  rmSync(path, { force: true });
}

/** What is kept of an issuer's answer; an issuer that gives no new refresh token leaves the old one in force (RFC 6749, 6). */
export function sessionOf(about: Pick<Session, 'api' | 'issuer' | 'clientId'>, tokens: Tokens, before: Session | null): Session {
  return { ...about, accessToken: tokens.access_token, refreshToken: tokens.refresh_token ?? before?.refreshToken ?? null, expiresAtMs: Date.now() + tokens.expires_in * 1000 };
}

/** The session with an access token that still lives. One program renews it at a time: issuers that rotate refresh tokens take a second use for theft. */
export async function liveSession(path: string, session: Session): Promise<Session> {
  if (session.expiresAtMs - Date.now() > refreshBeforeMs) return session;
  const release = await lock(`${path}.lock`);
  try {
    const now = readSession(path) ?? session;
    if (now.expiresAtMs - Date.now() > refreshBeforeMs) return now;
    const tokens = now.refreshToken === null ? null : await refreshTokens(now.issuer, now.clientId, now.refreshToken);
    if (tokens === null) {
      forgetSession(path);
      throw new CliError('your sign-in is over: run csmsctl login', exitCodes.refused);
    }
    const renewed = sessionOf(now, tokens, now);
    writeSession(path, renewed);
    return renewed;
  } finally {
    release();
  }
}

async function lock(path: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => { rmSync(path, { force: true }); };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (Date.now() - made > staleLockMs) rmSync(path, { force: true });
      else await pause(50);
    }
  }
}
