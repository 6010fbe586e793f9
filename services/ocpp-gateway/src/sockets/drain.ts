/** What draining needs of a session. */
interface Drained {
  readonly busy: boolean;
  finish(code: number, text: string, reason: 'drained'): Promise<void>;
  terminate(reason: 'drained'): void;
}

const tickMs = 100;
const perSecondMin = 50;
/** 1012, Service Restart (IANA's registry of WebSocket close codes): the peer is expected back. */
const serviceRestart = 1012;

/**
 * Closes all sockets: idle ones first, at a rate that takes most of `drainMs` for many and no time to speak of for few, each at a random moment of its slice,
 * because the server has to make the jitter that 1.6 stations do not have. A socket with work is closed when its work is answered. What is left
 * when `drainMs` is over is cut. Resolves when no session is left.
 */
export async function closeInSlices<S extends Drained>(options: { sessions: () => Iterable<S>; count: () => number; drainMs: number; random: () => number }): Promise<void> {
  const { sessions, count, drainMs, random } = options;
  const begun = Date.now();
  const perSecond = Math.max(perSecondMin, count() / ((drainMs * 0.7) / 1000));
  const asked = new Set<S>();
  let allowance = 0;
  while (count() > 0 && Date.now() - begun < drainMs) {
    allowance += (perSecond * tickMs) / 1000;
    const open = [...sessions()].filter((session) => !asked.has(session));
    for (const session of [...open.filter((each) => !each.busy), ...open.filter((each) => each.busy)]) {
      if (allowance < 1) break;
      allowance -= 1;
      asked.add(session);
      setTimeout(() => void session.finish(serviceRestart, 'the service is restarting', 'drained'), random() * tickMs);
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  for (const session of [...sessions()]) session.terminate('drained');
  while (count() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}
