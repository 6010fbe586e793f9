import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createFileStorage, createRandom, createSimulatedHardware, createStation,
  type Cancel, type ClockPort, type SimulatedHardware, type Station, type StationEvent, type TransactionTruth,
} from '@csms/edge';
import { createDriver, type Driver } from './driver.ts';
import type { FleetConfig, FleetStation } from './fleet-config.ts';
import { playPlan } from './planned-sessions.ts';
import { createBatteryVehicle, drawBattery } from './vehicle.ts';

export type ManualAction = 'plug' | 'unplug' | 'tap' | 'cut' | 'restore' | 'fault' | 'clear';

export interface FleetStationState {
  identity: string;
  dialect: string;
  connected: boolean;
  booted: boolean;
  cableCut: boolean;
  queuedMessages: number;
  behaviour: string;
  connectors: Array<{
    connectorId: number; status: string; plugged: boolean; powerW: number; registerWh: number;
    sessionEnergyWh: number; idTag: string | null; transactionRef: string | null; startedAt: string | null;
    /** What the station told the holder of the last card. */
    lastCard: LastCard | null;
  }>;
  counters: { transactions: number; acknowledgedStarts: number; acknowledgedStops: number; energyWh: number };
}

interface LastCard { outcome: 'accepted' | 'refused' | 'busy'; detail: string | null; at: string }

export interface Truth extends TransactionTruth {
  identity: string;
  dialect: string;
  /** How the books name it: the 1.6 number or the 2.0.1 id; null while a 1.6 start is unanswered. */
  transactionRef: string | null;
  energyWh: number | null;
}

export interface Fleet {
  start(): void;
  stop(): Promise<void>;
  state(): FleetStationState[];
  truth(): Truth[];
  /** @throws RangeError for a station or connector that is not there */
  act(identity: string, action: ManualAction, details: { connectorId?: number; idTag?: string }): void;
}

interface Member {
  spec: FleetStation;
  station: Station;
  hardware: SimulatedHardware;
  drivers: Driver[];
  stopPlan: Cancel;
}

/** Every charger of the demo, each with its own storage and its own chance under one seed. */
export function createFleet(config: FleetConfig, clock: ClockPort, onEvent: (identity: string, event: StationEvent) => void): Fleet {
  const cards = { ...config.cards, inUse: new Set<string>() };
  const pem = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path, 'utf8'));
  const trustAnchors = config.trustAnchorsFile === undefined ? undefined : [readFileSync(config.trustAnchorsFile, 'utf8')];
  const addressAt = (base: string) => `${base.replace(/\/+$/, '')}/${encodeURIComponent(config.tenant)}`;
  const lastCards = new Map<string, LastCard>();
  const members = new Map(config.stations.map((spec) => [spec.identity, createMember(spec)]));

  function createMember(spec: FleetStation): Member {
    const hardware = createSimulatedHardware(spec.connectors, clock);
    const station = createStation({
      identity: spec.identity,
      url: addressAt(config.ocppUrl),
      ...(config.ocppsUrl && { secureUrl: addressAt(config.ocppsUrl) }),
      securityProfile: spec.securityProfile,
      tls: { trustAnchors, certificate: pem(spec.certificateFile), key: pem(spec.keyFile) },
      password: spec.password,
      dialect: spec.dialect,
      connectorCount: spec.connectors.length,
      about: { vendor: spec.vendor, model: spec.model, serialNumber: spec.identity, firmwareVersion: '1.0.0' },
      hardware, clock,
      storage: createFileStorage(join(config.dataDir, encodeURIComponent(spec.identity))),
      random: createRandom(`${config.seed}/${spec.identity}/line`),
      newId: randomUUID,
      configuration: { MeterValueSampleInterval: config.speed > 1 ? '5' : '60', LocalAuthorizeOffline: 'true', ...spec.configuration },
      onEvent: (event) => {
        if (event.kind === 'cardholder') lastCards.set(`${spec.identity}/${event.connectorId}`, { outcome: event.message, detail: event.detail ?? null, at: new Date(clock.nowMs()).toISOString() });
        onEvent(spec.identity, event);
      },
    });
    const drivers = spec.behaviour !== 'auto' ? [] : spec.connectors.map(({ powerMaxW }, index) => createDriver({
      connectorId: index + 1, hardware, clock, powerMaxW, cards, speed: config.speed,
      status: () => station.view().connectors[index]?.status ?? 'Unavailable',
      random: createRandom(`${config.seed}/${spec.identity}/${index + 1}`),
    }));
    return { spec, station, hardware, drivers, stopPlan: () => undefined };
  }

  function memberOf(identity: string): Member {
    const member = members.get(identity);
    if (!member) throw new RangeError(`there is no station ${identity} in the fleet`);
    return member;
  }

  return {
    start() {
      for (const member of members.values()) {
        member.station.start();
        for (const driver of member.drivers) driver.start();
        if (member.spec.behaviour !== 'plan') continue;
        member.stopPlan = playPlan({
          sessions: config.plan.filter((session) => session.identity === member.spec.identity),
          hardware: member.hardware, clock, powerMaxW: member.spec.connectors[0]?.powerMaxW ?? 7_400,
          status: (connectorId) => member.station.view().connectors[connectorId - 1]?.status ?? 'Unavailable',
        });
      }
    },
    async stop() {
      for (const member of members.values()) {
        for (const driver of member.drivers) driver.stop();
        member.stopPlan();
      }
      await Promise.all([...members.values()].map((member) => member.station.stop()));
    },
    state() {
      return [...members.values()].map(({ spec, station }) => {
        const view = station.view();
        const truths = station.truth();
        return {
          identity: view.identity, dialect: view.dialect, connected: view.connected, booted: view.booted, cableCut: view.cut,
          queuedMessages: view.waiting, behaviour: spec.behaviour,
          connectors: view.connectors.map(({ connectorId, status, plugged, powerW, registerWh, transaction }) => ({
            connectorId, status, plugged, powerW: Math.round(powerW), registerWh: Math.round(registerWh),
            sessionEnergyWh: transaction ? Math.max(0, Math.round(registerWh) - transaction.meterStartWh) : 0,
            idTag: transaction?.idTag ?? null, startedAt: transaction?.startedAt ?? null,
            transactionRef: transaction && refOf(view.dialect, transaction), lastCard: lastCards.get(`${view.identity}/${connectorId}`) ?? null,
          })),
          counters: {
            transactions: truths.length,
            acknowledgedStarts: truths.filter((truth) => truth.startAcknowledged).length,
            acknowledgedStops: truths.filter((truth) => truth.stopAcknowledged).length,
            energyWh: truths.reduce((sum, truth) => sum + (energyOf(truth) ?? 0), 0),
          },
        };
      });
    },
    truth() {
      return [...members.values()].flatMap(({ spec, station }) => station.truth().map((truth) => ({
        identity: spec.identity, dialect: spec.dialect, transactionRef: refOf(spec.dialect, truth), energyWh: energyOf(truth), ...truth,
      })));
    },
    act(identity, action, { connectorId = 1, idTag }) {
      const member = memberOf(identity);
      const connector = member.spec.connectors[connectorId - 1];
      if (!connector) throw new RangeError(`station ${identity} has no connector ${connectorId}`);
      for (const driver of member.drivers) driver.pause(config.manualPauseSeconds * 1_000);
      switch (action) {
        case 'plug':
          return member.hardware.plug(connectorId, createBatteryVehicle({
            ...drawBattery(createRandom(randomUUID()), connector.powerMaxW >= 40_000, config.speed), socStart: 0.3, socTarget: 0.9,
          }));
        case 'unplug':
          return member.hardware.unplug(connectorId);
        case 'tap':
          if (!idTag) throw new RangeError('tap needs idTag, the number of the card');
          return member.hardware.tap(connectorId, idTag);
        case 'cut':
          return member.station.cut();
        case 'restore':
          return member.station.restore();
        case 'fault':
          return member.hardware.raiseFault(connectorId, 'OtherError');
        case 'clear':
          return member.hardware.clearFault(connectorId);
      }
    },
  };
}

function refOf(dialect: string, truth: { localId: string; transactionId?: number }): string | null {
  if (dialect === '2.0.1') return truth.localId;
  return truth.transactionId === undefined ? null : String(truth.transactionId);
}

function energyOf(truth: TransactionTruth): number | null {
  return truth.meterStopWh === undefined ? null : truth.meterStopWh - truth.meterStartWh;
}
