import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { MessageThrottle, type MessageRate } from './message-throttle.ts';
import type { Wire } from './station-session.ts';

/** A WebSocket and the TCP or TLS socket under it, as a session uses them. */
export class SocketWire implements Wire {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #throttle: MessageThrottle | null;
  /** Reading rests for either of two reasons, and goes on when both are over. */
  #pausedBySession = false;
  #slowed = false;

  constructor(ws: WebSocket, socket: Socket, rate: MessageRate | null) {
    this.#ws = ws;
    this.#socket = socket;
    this.#throttle = rate === null ? null : new MessageThrottle(rate, Date.now());
  }

  /** A message came: `slowed`, it was one more than the station may send, and it is not read for a while; `too-much`, it has to be closed. */
  heard(): 'usual' | 'slowed' | 'too-much' {
    if (this.#throttle === null) return 'usual';
    const waitMs = this.#throttle.heard(Date.now());
    if (waitMs === 0) return 'usual';
    if (waitMs === null) return 'too-much';
    if (!this.#slowed) {
      this.#slowed = true;
      this.#ws.pause();
      setTimeout(() => { this.#slowed = false; if (!this.#pausedBySession) this.#ws.resume(); }, waitMs).unref();
    }
    return 'slowed';
  }

  get bufferedAmount(): number { return this.#ws.bufferedAmount; }
  get bytesReceived(): number { return this.#socket.bytesRead; }

  /**
   * As bytes: a string beside the frame's header would be encoded anew inside the kernel call, which costs as much as validating the message. A frame
   * for a socket that is closing has nowhere to go; the close event says the rest.
   */
  send(text: string): void { if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(Buffer.from(text), asText, ignoreResult); }
  ping(): void { if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping(undefined, undefined, ignoreResult); }
  close(code: number, reason: string): void { this.#ws.close(code, reason); }
  terminate(): void { this.#ws.terminate(); }
  pause(): void { this.#pausedBySession = true; this.#ws.pause(); }
  resume(): void { this.#pausedBySession = false; if (!this.#slowed) this.#ws.resume(); }
}

const asText = { binary: false };

/** Failures of a write are also told by the close event, which is where they are handled. */
function ignoreResult(): void {}
