import type { Wire } from '@csms/ocpp-gateway/sockets/station-session';
import type { World } from './world.ts';

/** What the two ends of a line hear. */
export interface Ends { atStation: { text(text: string): void; closed(): void }; atGateway: { text(text: string): void; pong(): void; closed(): void } }

/** A line between a station and a gateway: in order, late, and now and then cut so that neither end is told. */
export class SimSocket {
  ends: Ends | null = null;
  bytesToGateway = 0;
  #cut = false;
  #closed = false;
  #lastAt = { station: 0, gateway: 0 };
  readonly #world: World;

  constructor(world: World) { this.#world = world; }

  get open(): boolean { return !this.#closed; }

  /** The cable is out: what was written is lost, and no end knows. */
  cut(): void { this.#cut = true; }

  toGateway(text: string): void {
    this.#later('gateway', () => { this.bytesToGateway += text.length; this.ends?.atGateway.text(text); });
  }

  /** Ends the line from one end: it knows at once, the other end when word reaches it, or never. */
  close(by: 'station' | 'gateway'): void {
    if (this.#closed) return;
    this.#closed = true;
    const here = by === 'station' ? this.ends?.atStation : this.ends?.atGateway;
    const there = by === 'station' ? this.ends?.atGateway : this.ends?.atStation;
    // As with a real socket the event comes in a turn of its own.
    setTimeout(() => here?.closed(), 1);
    if (!this.#cut) setTimeout(() => there?.closed(), this.#world.between(2, 40));
  }

  /** The gateway's end, as its session uses it. */
  wire(): Wire {
    const bytesReceived = (): number => this.bytesToGateway;
    return {
      bufferedAmount: 0,
      get bytesReceived() { return bytesReceived(); },
      send: (text) => this.#later('station', () => this.ends?.atStation.text(text)),
      ping: () => this.#later('station', () => this.#later('gateway', () => { this.bytesToGateway += 2; this.ends?.atGateway.pong(); })),
      close: () => this.close('gateway'),
      terminate: () => this.close('gateway'),
      pause: () => {}, resume: () => {},
    };
  }

  #later(to: 'station' | 'gateway', arrive: () => void): void {
    if (this.#closed || this.#cut) return;
    const at = Math.max(this.#world.time.nowMs + this.#world.between(1, 30), this.#lastAt[to]);
    this.#lastAt[to] = at;
    setTimeout(() => { if (!this.#closed && !this.#cut) arrive(); }, at - this.#world.time.nowMs);
  }
}
