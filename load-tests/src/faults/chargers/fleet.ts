import type { Random } from '../random.ts';
import { Charger, pause, type ChargerTiming } from './charger.ts';
import { beginTransaction, sendBoot, sendReading, sendStart, sendStatus, sendStop } from './charging.ts';

export interface FleetOptions {
  /** Identity, password and card of each charger. */
  stations: { identity: string; password: string; idTag: string }[];
  endpoint: (random: Random) => string | null;
  random: Random;
  timing?: Partial<ChargerTiming>;
  leavesSockets?: boolean;
  trusts?: string[] | undefined;
  /** Readings of a session. */
  readings?: number;
  /** Pause between two messages of a charger, about. */
  pauseMs?: number;
}

/** Chargers that charge one vehicle after the other until they are told to finish. Their clocks begin days ago and run fast, so that sessions have hours. */
export class Fleet {
  readonly chargers: Charger[];
  readonly #options: FleetOptions;
  #finishing = false;
  #loops: Promise<void>[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
    this.chargers = options.stations.map(({ identity, password }) => new Charger({
      identity, password, endpoint: options.endpoint, random: options.random.fork(identity), timing: options.timing ?? {}, leavesSockets: options.leavesSockets ?? false, trusts: options.trusts,
    }));
  }

  get truths() { return this.chargers.map((charger) => charger.truth); }
  get acknowledged(): number { return this.chargers.reduce((sum, charger) => sum + charger.truth.acknowledged, 0); }
  get allConnected(): boolean { return this.chargers.every((charger) => charger.connected); }

  async connect(): Promise<void> {
    await Promise.all(this.chargers.map(async (charger) => { await charger.connect(); await sendBoot(charger); }));
  }

  /** Starts the sessions; they go on until `finish`. */
  run(): void {
    this.#loops = this.chargers.map((charger, n) => this.#live(charger, this.#options.stations[n]!.idTag, this.#options.random.fork(`life of ${charger.identity}`)));
  }

  /** Begins no new session; resolves when every running one has ended and all its messages are answered. */
  async finish(): Promise<void> {
    this.#finishing = true;
    await Promise.all(this.#loops);
  }

  close(): void { for (const charger of this.chargers) charger.close(); }

  async #live(charger: Charger, idTag: string, random: Random): Promise<void> {
    const { readings = 6, pauseMs = 100 } = this.#options;
    let clockMs = Date.now() - random.between(5, 20) * 86_400_000 - random.between(0, 3_600_000);
    const tick = (): Date => new Date(clockMs += random.between(30, 600) * 1000);
    let registerWh = random.between(0, 5_000_000);
    let shown: string | null = null;
    const show = async (status: string): Promise<void> => { shown = status; await sendStatus(charger, 1, status, tick()); };
    charger.onConnected = () => {
      if (random.next() < 0.5) void sendBoot(charger);
      if (shown !== null) void sendStatus(charger, 1, shown, tick());
    };
    const breathe = (): Promise<void> => pause(pauseMs * (0.5 + random.next()));
    while (!this.#finishing) {
      await show('Preparing');
      await charger.call('Authorize', { idTag });
      const transaction = beginTransaction(charger, { connectorId: 1, idTag, startedAt: tick(), meterStartWh: registerWh });
      if (await sendStart(charger, transaction) === null) return;
      await show('Charging');
      for (let n = random.between(1, readings); n > 0 && !this.#finishing; n -= 1) {
        await breathe();
        await sendReading(charger, transaction, tick(), registerWh += random.between(0, 3_000));
      }
      await breathe();
      await sendStop(charger, transaction, tick(), registerWh += random.between(0, 500));
      await show('Available');
      await breathe();
    }
  }
}
