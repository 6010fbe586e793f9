/** What draining needs of a session. */
interface Drained {
  readonly work: SocketWork;
  finish(code: number, text: string, reason: 'drained'): Promise<void>;
  terminate(reason: 'drained'): void;
}

/** What a socket is doing: nothing; some call in either direction; a message of a transaction that is on its way to the books. */
export type SocketWork = 'idle' | 'call' | 'transaction';

/** How a process gives its sockets up. */
export interface DrainPace {
  /** All is over after this; whatever is left is cut. */
  drainMs: number;
  /** Sockets closed a second; more where `drainMs` asks for it. */
  perSecond: number;
  /** The share of all its sockets that it closes a second at most, unless `drainMs` asks for more: those that are left take them in, and none shall get a crowd. */
  shareAtOnce: number;
  /** How long upgrades are still answered, with 503, before the port is closed and sockets begin to go: until nobody sends stations here any more. */
  refuseMs: number;
}

const tickMs = 100;
/** Of the time there is, so much is for closing; the rest for those whose work takes long. */
const closingShare = 0.7;
/** 1012, Service Restart (IANA's registry of WebSocket close codes): the peer is expected back. */
const serviceRestart = 1012;
const turn: Record<SocketWork, number> = { idle: 0, call: 1, transaction: 2 };

/**
 * Closes all sockets at a set rate: idle ones first, those in a message of a transaction last, each at a random moment of its slice, because the server
 * has to make the jitter that 1.6 stations do not have. A socket with work is closed when its work is answered. What is left when the time is
 * over is cut. Resolves when no session is left.
 */
export async function closeInSlices<S extends Drained>(options: { sessions: () => Iterable<S>; count: () => number; drainMs: number; perSecond: number; shareAtOnce?: number; random: () => number }): Promise<void> {
  const { sessions, count, drainMs, random, shareAtOnce = 1 } = options;
  const begun = Date.now();
  const perSecond = Math.max(Math.min(options.perSecond, Math.max(1, count() * shareAtOnce)), count() / ((drainMs * closingShare) / 1000));
  const asked = new Set<S>();
  let allowance = 0;
  while (count() > 0 && Date.now() - begun < drainMs) {
    allowance += (perSecond * tickMs) / 1000;
    const open = [...sessions()].filter((session) => !asked.has(session)).sort((a, b) => turn[a.work] - turn[b.work]);
    for (const session of open.slice(0, Math.floor(allowance))) {
      allowance -= 1;
      asked.add(session);
      setTimeout(() => void session.finish(serviceRestart, 'the service is restarting', 'drained'), random() * tickMs);
    }
    await pause(tickMs);
  }
  for (const session of [...sessions()]) session.terminate('drained');
  while (count() > 0) await pause(10);
}

/** Resolves after `refuseMs`, or as soon as no socket is left; never takes more than a quarter of the time for draining. */
export async function refuseForAWhile(pace: Pick<DrainPace, 'drainMs' | 'refuseMs'>, count: () => number): Promise<number> {
  const begun = Date.now();
  const refuseMs = Math.min(pace.refuseMs, pace.drainMs / 4);
  while (count() > 0 && Date.now() - begun < refuseMs) await pause(Math.min(tickMs, refuseMs));
  return Date.now() - begun;
}

function pause(ms: number): Promise<void> { return new Promise((resolve) => setTimeout(resolve, ms)); }
