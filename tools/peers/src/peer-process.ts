import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const Said = z.object({ event: z.enum(['connected', 'disconnected', 'result', 'failed', 'called']), action: z.string().optional(), payload: z.unknown().optional(), reason: z.string().optional() });

/** A charger of somebody else's, as a process that is told what to do. */
export interface PeerCharger {
  connect(to: { url: string; identity: string; password: string }): Promise<void>;
  disconnect(): Promise<void>;
  /** One CALL through the peer's library. Rejects with what the library says when it does not like our answer. */
  call(action: string, payload: Record<string, unknown>): Promise<unknown>;
  /** Names of the CALLs that it got from us, in order. */
  called: string[];
  close(): Promise<void>;
}

/** Starts a peer by its command line. */
export function startPeer(command: readonly [string, ...string[]]): PeerCharger {
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lastWords: string[] = [];
  const called: string[] = [];
  let waiting: { resolve: (payload: unknown) => void; reject: (error: Error) => void } | null = null;
  createInterface({ input: child.stderr }).on('line', (line) => { lastWords.push(line); if (lastWords.length > 20) lastWords.shift(); });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = Said.parse(JSON.parse(line));
    if (said.event === 'called') { called.push(said.action ?? '?'); return; }
    if (said.event === 'failed') waiting?.reject(new Error(said.reason ?? 'failed'));
    else waiting?.resolve(said.payload);
    waiting = null;
  });
  const gone = (why: string): void => { waiting?.reject(new Error(`the peer is gone (${why}): ${lastWords.join(' | ')}`)); waiting = null; };
  child.once('error', (error) => gone(error.message));
  child.once('close', (code) => gone(`exit ${String(code)}`));
  child.stdin.on('error', () => undefined);

  const order = (what: Record<string, unknown>): Promise<unknown> => new Promise((resolve, reject) => {
    if (waiting !== null) { reject(new Error('the peer does one thing at a time')); return; }
    waiting = { resolve, reject };
    child.stdin.write(`${JSON.stringify(what)}\n`);
  });
  return {
    called,
    connect: async (to) => { await order({ do: 'connect', ...to }); },
    disconnect: async () => { await order({ do: 'disconnect' }); },
    call: (action, payload) => order({ do: 'call', action, payload }),
    close: async () => { child.kill('SIGKILL'); await exited; },
  };
}
