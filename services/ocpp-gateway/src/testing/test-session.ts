import { compileProtocol, type OcppVersion } from '@csms/ocpp';
import { inboundHandlers } from '../profiles/inbound.ts';
import { usualPatience } from '../sockets/answer-call.ts';
import { silentObserver } from '../sockets/observer.ts';
import { strict } from '@csms/domain/tolerance/tolerance-of';
import { DeviationLog } from '../sockets/deviation-log.ts';
import { OverdueWatch } from '../sockets/overdue-watch.ts';
import { StationSession, usualLimits, type SessionOwn, type SessionSetting } from '../sockets/station-session.ts';
import type { MemoryBooks } from './memory-books.ts';
import { aStation } from './memory-books.ts';

const protocols = { 'ocpp1.6': compileProtocol('ocpp1.6'), 'ocpp2.0.1': compileProtocol('ocpp2.0.1') };

/** A session without a network: what it writes, what it does to its wire, and a clock that a test sets. */
export function testSession(books: MemoryBooks, given: { version?: OcppVersion } & Partial<SessionSetting> & Partial<Pick<SessionOwn, 'station' | 'tolerance'>> = {}) {
  const { version = 'ocpp1.6', station = aStation(), tolerance = strict, ...setting } = given;
  const deviations = new DeviationLog({ books: books.tolerance, observer: silentObserver, onLost: () => {} });
  const wire = {
    written: [] as string[], closed: [] as number[], terminated: 0, paused: false, pings: 0, bufferedAmount: 0, bytesReceived: 0,
    send(text: string) { wire.written.push(text); },
    close(code: number) { wire.closed.push(code); },
    terminate() { wire.terminated += 1; },
    pause() { wire.paused = true; },
    resume() { wire.paused = false; },
    ping() { wire.pings += 1; },
  };
  const clock = { ms: Date.parse('2026-11-24T09:00:00.000Z') };
  const late = new Map<string, () => Promise<unknown>>();
  let ids = 0;
  const session = new StationSession({
    protocol: protocols[version], handlers: inboundHandlers(version), books, later: (key, write) => late.set(key, write), now: () => new Date(clock.ms),
    newMessageId: () => `ours-${(ids += 1)}`, answerTimeoutMs: 30_000, patience: usualPatience, overdue: new OverdueWatch(5), limits: usualLimits,
    observer: silentObserver, deviations, onFailure: () => {}, ...setting,
  }, { wire, station, tolerance, socketId: 'socket-1', connectedAt: new Date(clock.ms) });
  return {
    session, wire, clock, late, deviations,
    receive: (frame: unknown) => session.message(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame))),
    frames: () => wire.written.map((text) => JSON.parse(text) as unknown[]),
  };
}

/** Lets promises that are ready run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A gate that a test opens. */
export function aGate(): { wait: () => Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { wait: () => opened, open };
}
