import { cert, deleteApp, initializeApp, type App } from 'firebase-admin/app';
import { getDatabaseWithUrl, type Database } from 'firebase-admin/database';
import { uuidv7 } from '@csms/kit';
import type { PublicState } from '@csms/domain/public-state/public-state';
import type { ServiceAccount } from './service-account.ts';

/** The name that the rules know us by; firebase/database.rules.json. With it the rules hold for us too, although a service account could pass them by. */
export const mirrorUid = 'csms-mirror';

/** What came of a conditional write: the version that the node has now, ours or a greater one that was there. */
export type Written = { onMirror: number };

/** The mirror's side of the world. */
export interface PublicDatabase {
  isConnected(): boolean;
  /**
   * Puts a state (null: takes the node away) where it is not older than what is there. Rejects when the connection is lost meanwhile, or the rules refuse.
   * Nothing is kept for later: whoever called comes again.
   */
  write(publicId: string, version: number, state: PublicState | null): Promise<Written>;
  /** From now on under another key. */
  useAccount(account: ServiceAccount): void;
  close(): Promise<void>;
}

export interface PublicDatabaseOptions {
  url: string;
  account: ServiceAccount;
  onConnected: () => void;
  /** A connection that does not come is tried anew after so long, whatever the library's own patience is (up to 30 s). */
  retryMs?: number;
  /** A write that is not answered in so long is given up together with its connection. */
  answerMs?: number;
}

interface Opened { app: App; database: Database; connected: boolean }

/** Opens the Realtime Database at `url` as `account`, and never gives up: what is cut is connected anew. */
export function openPublicDatabase(options: PublicDatabaseOptions): PublicDatabase {
  const { url, retryMs = 4_000, answerMs = 15_000 } = options;
  let current = open(options.account);

  function open(account: ServiceAccount): Opened {
    const app = initializeApp({ credential: cert({ ...account }), databaseURL: url, databaseAuthVariableOverride: { uid: mirrorUid } }, uuidv7());
    const database = getDatabaseWithUrl(url, app);
    const opened = { app, database, connected: false };
    database.ref('.info/connected').on('value', (snapshot) => {
      opened.connected = snapshot.val() === true;
      if (opened.connected && opened === current) options.onConnected();
    });
    return opened;
  }

  function reconnect(): void {
    current.database.goOffline();
    current.database.goOnline();
  }

  async function shut(opened: Opened): Promise<void> {
    opened.database.goOffline();
    await deleteApp(opened.app);
  }

  const timer = setInterval(() => { if (!current.connected) reconnect(); }, retryMs);

  return {
    isConnected: () => current.connected,

    async write(publicId, version, state) {
      const { database } = current;
      let onMirror = version;
      const transaction = database.ref(`chargers/${publicId}`).transaction((there: unknown) => {
        const versionThere = versionOf(there);
        onMirror = Math.max(version, versionThere);
        if (versionThere > version) return undefined;
        return state === null ? null : { ...state, version };
      }, undefined, false);
      await answered(transaction, () => { if (current.database === database) reconnect(); });
      return { onMirror };
    },

    useAccount(account) {
      const before = current;
      current = open(account);
      void shut(before);
    },

    async close() {
      clearInterval(timer);
      await shut(current);
    },
  };

  async function answered<T>(work: Promise<T>, onSilence: () => void): Promise<T> {
    let timeout: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timeout = setTimeout(() => {
        reject(new Error(`no answer within ${answerMs} ms`));
        onSilence();
      }, answerMs);
    });
    try {
      return await Promise.race([work, silence]);
    } finally {
      clearTimeout(timeout);
    }
  }
}

/** The version of a node that is there; 0 for none, and for one that no mirror of ours wrote. */
function versionOf(node: unknown): number {
  const version: unknown = typeof node === 'object' && node !== null && 'version' in node ? node.version : 0;
  return typeof version === 'number' && Number.isSafeInteger(version) && version > 0 && version < Number.MAX_SAFE_INTEGER - 1 ? version : 0;
}
