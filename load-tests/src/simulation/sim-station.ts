import type { OcppVersion } from '@csms/ocpp';
import type { SimGateway } from './sim-gateway.ts';
import { SimSocket } from './sim-socket.ts';
import type { World } from './world.ts';

/** What really happened at a station, which nobody but it knows. Registers in Wh, times by its own clock. */
export interface TrueSession {
  card: string; startedAt: Date; meterStartWh: number; endedAt: Date | null; meterStopWh: number | null;
  /** As the station knows the transaction; every answer to its start must say the same. */
  ref: string | null;
  startAnswered: boolean; stopAnswered: boolean;
  /** A stop that is sent without its start ever having been. */
  startless: boolean;
  readings: { at: Date; registerWh: number; answered: boolean }[];
}

interface Message { action: string; payload: () => Record<string, unknown>; answered: (answer: Record<string, unknown>) => void }

type Answer = { kind: 'result'; payload: Record<string, unknown> } | { kind: 'error' } | { kind: 'silence' } | { kind: 'closed' };

/** A charger with one connector, a memory that survives everything, and the retries of the standard (OCPP 1.6, 3.7.2): in order, each until it is answered. */
export class SimStation {
  readonly truth: TrueSession[] = [];
  readonly card: string;
  /** Frames of commands that reached it, by what they carry. */
  readonly commandsSeen = new Map<string, number>();
  /** Its newest status of connector 1, and when by its clock. */
  status: { word: string; at: Date } = { word: 'Available', at: new Date(0) };
  socket: SimSocket | null = null;
  gateway: SimGateway | null = null;
  plugged = false;
  readonly skewMs: number;
  readonly station: { tenantId: string; id: string; identity: string; heartbeatIntervalS: number; registration: 'Accepted' };
  readonly version: OcppVersion;
  readonly #world: World;
  readonly #queue: Message[] = [];
  readonly #gateways: () => SimGateway[];
  #registerWh: number;
  #waiting: { id: string; resolve: (answer: Answer) => void } | null = null;
  #wake: () => void = () => {};

  constructor(world: World, given: { id: string; version: OcppVersion; card: string; skewMs: number }, gateways: () => SimGateway[]) {
    this.#world = world;
    this.#gateways = gateways;
    this.card = given.card;
    this.version = given.version;
    this.skewMs = given.skewMs;
    this.#registerWh = world.between(0, 50_000);
    this.station = { tenantId: 'demo', id: given.id, identity: given.id, heartbeatIntervalS: 300, registration: 'Accepted' };
  }

  /** Nothing of its transactions waits to be told. */
  get drained(): boolean { return this.#queue.length === 0; }

  now(): Date { return new Date(this.#world.time.nowMs + this.skewMs); }

  /** A session of long ago that could not be told then. */
  backlog(hoursAgo: number): void {
    const at = new Date(this.now().getTime() - hoursAgo * 3_600_000);
    const session = this.#begin(at);
    for (let n = 1; n <= 2; n += 1) this.#read(session, new Date(at.getTime() + n * 60_000), false);
    this.#end(session, new Date(at.getTime() + 180_000));
  }

  /** Cars come and go until the day is over. */
  async live(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#world.sleep(this.#world.between(2_000, 40_000));
      if (isOver()) return;
      if (this.#world.chance(0.05)) { this.#strayStop(); continue; }
      this.plugged = true;
      this.#say('Charging');
      const session = this.#begin(this.now());
      for (let n = this.#world.between(1, 6); n > 0; n -= 1) {
        await this.#world.sleep(this.#world.between(3_000, 15_000));
        this.#read(session, this.now(), true);
      }
      // A moment later than its last reading: two messages of one instant would be one reading where their connector is known, and two where it is not yet.
      await this.#world.sleep(20);
      this.#end(session, this.now());
      this.#say('Available');
      this.plugged = false;
    }
  }

  /** Keeps a line open and tells what there is to tell, for ever. */
  async talk(): Promise<void> {
    for (;;) {
      const socket = await this.#connect();
      while (socket.open && this.socket === socket) {
        const next = this.#queue[0];
        if (next === undefined) { await this.#newWork(); continue; }
        await this.#deliver(next);
      }
      await this.#world.sleep(this.#world.between(500, 15_000));
    }
  }

  async #connect(): Promise<SimSocket> {
    for (;;) {
      const gateways = this.#gateways().filter((gateway) => !gateway.dead);
      const gateway = gateways[this.#world.between(0, gateways.length - 1)];
      const socket = new SimSocket(this.#world);
      const accepted = gateway?.accept(this.station, this.version, socket, {
        text: (text) => this.#hear(socket, text),
        closed: () => { if (this.socket === socket) this.#hangUp(); },
      });
      if (accepted === true && gateway !== undefined) {
        this.socket = socket;
        this.gateway = gateway;
        if (this.#world.chance(0.7)) await this.#call('BootNotification', this.version === 'ocpp1.6' ? { chargePointVendor: 'Sim', chargePointModel: 'S' } : { reason: 'PowerUp', chargingStation: { vendorName: 'Sim', model: 'S' } });
        return socket;
      }
      await this.#world.sleep(this.#world.between(1_000, 10_000));
    }
  }

  #hangUp(): void {
    this.socket = null;
    this.gateway = null;
    this.#waiting?.resolve({ kind: 'closed' });
    this.#waiting = null;
    this.#wake();
  }

  /** Until there is something to tell; a heartbeat finds a line that is dead. */
  async #newWork(): Promise<void> {
    let rung = false;
    const woken = new Promise<void>((resolve) => { this.#wake = () => { rung = true; resolve(); }; });
    await Promise.race([woken, this.#world.sleep(20_000)]);
    this.#wake = () => {};
    if (!rung && this.socket !== null && (await this.#call('Heartbeat', {})).kind === 'silence') this.#dropLine();
  }

  async #deliver(message: Message): Promise<void> {
    const { weather } = this.#world;
    const answer = await this.#call(message.action, message.payload(), this.#world.chance(weather.retransmit));
    if (answer.kind === 'silence') { this.#dropLine(); return; }
    if (answer.kind === 'closed') return;
    if (answer.kind === 'error') { await this.#world.sleep(5_000); return; }
    message.answered(answer.payload);
    this.#queue.shift();
    if (this.#world.chance(weather.duplicate)) {
      const again = await this.#call(message.action, message.payload());
      if (again.kind === 'result') message.answered(again.payload);
    }
  }

  #dropLine(): void {
    this.socket?.close('station');
    this.#hangUp();
  }

  #call(action: string, payload: Record<string, unknown>, twice = false): Promise<Answer> {
    const { socket } = this;
    if (socket === null) return Promise.resolve({ kind: 'closed' });
    const id = this.#world.newId('theirs');
    const text = JSON.stringify([2, id, action, payload]);
    return new Promise((resolve) => {
      const timer = setTimeout(() => { if (this.#waiting?.id === id) { this.#waiting = null; resolve({ kind: 'silence' }); } }, 40_000);
      this.#waiting = { id, resolve: (answer) => { clearTimeout(timer); resolve(answer); } };
      socket.toGateway(text);
      if (twice) socket.toGateway(text);
    });
  }

  #hear(socket: SimSocket, text: string): void {
    if (this.socket !== socket) return;
    const [type, id, ...rest] = JSON.parse(text) as [number, string, ...unknown[]];
    if (type === 2) {
      const [action, payload] = rest as [string, Record<string, unknown>];
      if (action === 'DataTransfer') this.commandsSeen.set(String(payload['data']), (this.commandsSeen.get(String(payload['data'])) ?? 0) + 1);
      // Sometimes it never answers, sometimes late.
      if (this.#world.chance(0.9)) setTimeout(() => { if (this.socket === socket) socket.toGateway(JSON.stringify([3, id, { status: 'Accepted' }])); }, this.#world.between(1, this.#world.chance(0.1) ? 45_000 : 500));
      return;
    }
    if (this.#waiting?.id !== id) return;
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve(type === 3 ? { kind: 'result', payload: rest[0] as Record<string, unknown> } : { kind: 'error' });
  }

  #tell(message: Message): void {
    // A vendor's order bug: two neighbours change places.
    const last = this.#queue.at(-1);
    if (this.version === 'ocpp2.0.1' && last !== undefined && this.#queue.length > 1 && last.action === 'TransactionEvent' && message.action === 'TransactionEvent' && this.#world.chance(this.#world.weather.reorder)) this.#queue.splice(-1, 0, message);
    else this.#queue.push(message);
    this.#wake();
  }

  #say(word: string): void {
    const at = this.now();
    this.status = { word, at };
    const status = this.version === 'ocpp1.6' ? word : word === 'Charging' ? 'Occupied' : word;
    this.#tell({
      action: 'StatusNotification', answered: () => {},
      payload: () => (this.version === 'ocpp1.6' ? { connectorId: 1, errorCode: 'NoError', status, timestamp: at.toISOString() } : { evseId: 1, connectorId: 1, connectorStatus: status, timestamp: at.toISOString() }),
    });
  }

  #begin(at: Date): TrueSession {
    const session: TrueSession = { card: this.card, startedAt: at, meterStartWh: this.#registerWh, endedAt: null, meterStopWh: null, ref: this.version === 'ocpp1.6' ? null : this.#world.newId('tx'), startAnswered: false, stopAnswered: false, startless: false, readings: [] };
    this.truth.push(session);
    const seqNo = this.#nextSeq(session);
    this.#tell({
      action: this.version === 'ocpp1.6' ? 'StartTransaction' : 'TransactionEvent',
      payload: () => (this.version === 'ocpp1.6'
        ? { connectorId: 1, idTag: this.card, meterStart: session.meterStartWh, timestamp: at.toISOString() }
        : this.#event('Started', session, seqNo, at, session.meterStartWh)),
      answered: (answer) => {
        if (this.version === 'ocpp1.6') {
          const ref = String(answer['transactionId']);
          if (session.ref !== null && session.ref !== ref) this.#world.violations.push(`I-2: ${this.station.id} was told transaction ${session.ref}, then ${ref}, for one start`);
          session.ref = ref;
        }
        session.startAnswered = true;
      },
    });
    return session;
  }

  #read(session: TrueSession, at: Date, live: boolean): void {
    this.#registerWh += this.#world.between(10, 900);
    const reading = { at, registerWh: this.#registerWh, answered: false };
    session.readings.push(reading);
    const seqNo = this.#nextSeq(session);
    this.#tell({
      action: this.version === 'ocpp1.6' ? 'MeterValues' : 'TransactionEvent',
      payload: () => (this.version === 'ocpp1.6'
        ? { connectorId: 1, transactionId: Number(session.ref), meterValue: [{ timestamp: at.toISOString(), sampledValue: [{ value: String(reading.registerWh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }] }] }
        : this.#event('Updated', session, seqNo, at, reading.registerWh, !live)),
      answered: () => { reading.answered = true; },
    });
  }

  #end(session: TrueSession, at: Date): void {
    this.#registerWh += this.#world.between(10, 900);
    Object.assign(session, { endedAt: at, meterStopWh: this.#registerWh });
    const seqNo = this.#nextSeq(session);
    this.#tell({
      action: this.version === 'ocpp1.6' ? 'StopTransaction' : 'TransactionEvent',
      payload: () => (this.version === 'ocpp1.6'
        ? { transactionId: session.startless ? -1 : Number(session.ref), idTag: this.card, meterStop: session.meterStopWh, timestamp: at.toISOString(), reason: 'Local' }
        : this.#event('Ended', session, seqNo, at, session.meterStopWh ?? 0)),
      answered: () => { session.stopAnswered = true; },
    });
  }

  /** 1.6 alone can say that something nobody heard of is over. */
  #strayStop(): void {
    if (this.version !== 'ocpp1.6') return;
    const session: TrueSession = { card: this.card, startedAt: this.now(), meterStartWh: this.#registerWh, endedAt: null, meterStopWh: null, ref: null, startAnswered: false, stopAnswered: false, startless: true, readings: [] };
    this.truth.push(session);
    this.#end(session, this.now());
  }

  #sequences = new Map<TrueSession, number>();
  #nextSeq(session: TrueSession): number {
    const next = (this.#sequences.get(session) ?? -1) + 1;
    this.#sequences.set(session, next);
    return next;
  }

  #event(eventType: string, session: TrueSession, seqNo: number, at: Date, registerWh: number, offline = false): Record<string, unknown> {
    return {
      eventType, seqNo, timestamp: at.toISOString(), triggerReason: eventType === 'Updated' ? 'MeterValuePeriodic' : 'Authorized', offline,
      transactionInfo: { transactionId: session.ref, ...(eventType === 'Ended' ? { stoppedReason: 'Local' } : { chargingState: 'Charging' }) },
      ...(eventType === 'Started' ? { idToken: { idToken: this.card, type: 'Central' }, evse: { id: 1, connectorId: 1 } } : {}),
      meterValue: [{ timestamp: at.toISOString(), sampledValue: [{ value: registerWh, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } }] }],
    };
  }
}
