import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '@csms/kit';
import { z } from 'zod';

const KeyFile = z.object({ project_id: z.string().min(1), client_email: z.string().min(3), private_key: z.string().min(1) });

/** A service account as firebase-admin takes it. */
export interface ServiceAccount { projectId: string; clientEmail: string; privateKey: string }

/** Reads a service account's key as Google gives it. Throws ConfigError with one sentence that holds nothing of the file. */
export async function readServiceAccount(path: string): Promise<ServiceAccount> {
  const wrong = (what: string): ConfigError => new ConfigError(`CSMS_FIREBASE_CREDENTIALS_FILE cannot be used (${path}): ${what}`);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw wrong(error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read');
  }
  const parsed = KeyFile.safeParse(jsonOf(text));
  if (!parsed.success) throw wrong(`a service account's key has project_id, client_email and private_key, and ${parsed.error.issues.map((issue) => issue.path.join('.') || 'the file').join(', ')} is not as it should be`);
  try {
    createPrivateKey(parsed.data.private_key);
  } catch {
    throw wrong('its private_key is no key in PEM');
  }
  return { projectId: parsed.data.project_id, clientEmail: parsed.data.client_email, privateKey: parsed.data.private_key };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Looks at the file every `everyMs` and tells of a key that is another than before; a file that cannot be used is told to `onUnusable`, once a state, and the key
 * before stays. (A mounted Secret is replaced by turning a link, which a watch on the file would miss.)
 */
export function followServiceAccount(path: string, first: ServiceAccount, options: { everyMs: number; onChange: (account: ServiceAccount) => void; onUnusable: (reason: string) => void }): () => void {
  let known = JSON.stringify(first);
  let complaint: string | null = null;
  let looking = false;
  const look = async (): Promise<void> => {
    try {
      const account = await readServiceAccount(path);
      complaint = null;
      if (JSON.stringify(account) === known) return;
      known = JSON.stringify(account);
      options.onChange(account);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== complaint) options.onUnusable(reason);
      complaint = reason;
    }
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => { looking = false; });
  }, options.everyMs);
  return () => clearInterval(timer);
}
