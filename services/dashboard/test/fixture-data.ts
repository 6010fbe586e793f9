import type { Command, LabProof, LabState, Me, ModelList, Overview, Session, SessionCurve, SessionExplanation, Site, SiteForecast, Station, Tariff } from '@csms/contracts/http/index';
import type { z } from 'zod';
import type { Enrolment } from '@csms/contracts/http/drivers';
import type { Token } from '@csms/contracts/http/commerce';

/*
 * A tenant for the eye: every state of the status table, a long name, nine-digit rupiah, a forecast with its record. Ages are relative to
 * `nowMs`; numbers come from a fixed sequence, so that two pictures of the same screen can be laid over each other.
 */
const uuid = (n: number): string => `019abc00-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const ids = { bandung: uuid(1), boulder: uuid(2), cp111: uuid(111), cp112: uuid(112), cp123: uuid(123), cp321: uuid(321), session1: uuid(9001), session2: uuid(9002), ended: uuid(9100), lost: uuid(9101), command: uuid(7001) };

/** A fixed sequence of numbers in [0, 1). */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => { state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; return state / 4_294_967_296; };
}

export interface FixtureData {
  me: Me; sites: Site[]; stations: Station[]; sessions: Session[]; curves: Map<string, z.infer<typeof SessionCurve>>; explanations: Map<string, SessionExplanation>;
  /** What stations were last asked to read a card for. */
  enrolment?: Enrolment;
  overview: Overview; tokens: z.infer<typeof Token>[]; tariffs: Tariff[]; commands: Command[]; forecasts: Map<string, SiteForecast>; models: z.infer<typeof ModelList>;
  lab: LabState; proof: LabProof; knocking: { identity: string; firstSeenAt: string; lastSeenAt: string; attempts: number; remoteAddress: string | null; ocppVersion: string | null; reason: string }[];
}

export function fixtureData(nowMs: number): FixtureData {
  const ago = (seconds: number): string => new Date(nowMs - seconds * 1_000).toISOString();
  const chance = sequence(7);
  const sites: Site[] = [
    { id: ids.bandung, namespace: 'demo', name: 'bandung-01', displayName: 'SPKLU Bandung 01', latitude: -6.9147, longitude: 107.6098, address: 'Jl. Asia Afrika 1, Bandung', timeZone: 'Asia/Jakarta', gridMaxPowerW: 150_000, stationCount: 12, onlineStationCount: 10, createdAt: ago(90 * 86_400) },
    { id: ids.boulder, namespace: 'demo', name: 'boulder', displayName: 'Boulder City Garages, North and South', latitude: 40.015, longitude: -105.27, address: '1500 Pearl St, Boulder', timeZone: 'America/Denver', gridMaxPowerW: 90_000, stationCount: 1, onlineStationCount: 1, createdAt: ago(30 * 86_400) },
  ];
  const connector = (evseId: number, connectorId: number, status: string, secondsAgo: number, more: Partial<Station['connectors'][number]> = {}): Station['connectors'][number] => ({ evseId, connectorId, status, errorCode: null, info: null, statusAt: ago(secondsAgo), session: null, ...more });
  const live = (id: string, startedSecondsAgo: number, energyWh: number, powerW: number, socPct: number | null, idleSince: string | null = null): Station['connectors'][number]['session'] => ({ id, startedAt: ago(startedSecondsAgo), energyWh, powerW, socPct, lastReadingAt: ago(6), idleSince });
  let n = 500;
  const station = (identity: string, worst: string, connectors: Station['connectors'], more: Partial<Station> = {}): Station => ({
    id: uuid(n++), siteId: ids.bandung, siteName: 'SPKLU Bandung 01', identity, displayName: null, ocppVersion: 'ocpp1.6', vendor: 'Charge-IT', model: 'Edge 22', serial: `CI-${identity}`, firmware: '1.4.2', securityProfile: 2, securityProfileNext: null, online: true, since: ago(5_400), lastSeenAt: ago(14),
    bootedAt: ago(86_000), status: null, errorCode: null, statusAt: connectors[0]?.statusAt ?? null, worst, connectors, ...more,
  });
  const stations: Station[] = [
    station('CP_111', 'Charging', [connector(1, 1, 'Charging', 2_460, { session: live(ids.session1, 2_460, 12_480, 21_900, 64) })], { id: ids.cp111, displayName: 'Pintu utara' }),
    station('CP_112', 'Faulted', [connector(1, 1, 'Faulted', 4_020, { errorCode: 'GroundFailure', info: 'RCD trip' })], { id: ids.cp112, displayName: 'Pintu selatan', errorCode: 'GroundFailure' }),
    station('CP_123', 'SuspendedEV', [connector(1, 1, 'SuspendedEV', 840, { session: live(ids.session2, 6_900, 31_270, 0, 100, ago(840)) }), connector(2, 2, 'Available', 1_500)], { id: ids.cp123, displayName: 'Lantai 2' }),
    station('CP_321', 'Occupied', [connector(1, 1, 'Available', 720), connector(2, 1, 'Occupied', 75)], { id: ids.cp321, ocppVersion: 'ocpp2.0.1', displayName: 'Lantai 2, sisi timur dekat lift barang' }),
    station('CP_400', 'Offline', [connector(1, 1, 'Charging', 5_000, { session: live(uuid(9003), 7_000, 8_900, 7_100, null) })], { online: false, since: ago(1_560), lastSeenAt: ago(1_560) }),
    station('CP_401', 'Unavailable', [connector(1, 1, 'Unavailable', 90_000)]),
    station('CP_402', 'Finishing', [connector(1, 1, 'Finishing', 260)]),
    station('CP_403', 'Reserved', [connector(1, 1, 'Reserved', 600)]),
    station('CP_404', 'SuspendedEVSE', [connector(1, 1, 'SuspendedEVSE', 330, { session: live(uuid(9004), 3_000, 4_300, 0, 41) })]),
    station('CP_405', 'Preparing', [connector(1, 1, 'Preparing', 20)]),
    station('CP_406', 'Unknown', [], { online: false, since: null, lastSeenAt: null, bootedAt: null, ocppVersion: null, vendor: null, model: null, serial: null, firmware: null, statusAt: null }),
    station('CP_407', 'Charging', [connector(1, 1, 'Charging', 1_100, { session: live(uuid(9005), 1_100, 2_050, 6_900, null) })]),
    station('BLD_BOULDER_JCTN_1', 'Available', [connector(1, 1, 'Available', 9_000)], { siteId: ids.boulder, siteName: 'Boulder City Garages, North and South' }),
  ];
  const drivers = ['Sari Wulandari', 'Agus Setiawan', 'Rina Kartika', null, 'Raden Mas Hadiningrat Kusumowardhani', 'Dewi Anggraini'];
  const tariff = { name: 'Umum 2026', energyPerKwhMinor: 2_466, currency: 'IDR' };
  const session = (id: string, startedSecondsAgo: number, durationSeconds: number | null, energyWh: number, more: Partial<Session> = {}): Session => {
    const ended = durationSeconds === null ? null : ago(startedSecondsAgo - durationSeconds);
    const amount = Math.round((energyWh / 1_000) * 2_466);
    return {
      id, stationId: ids.cp111, stationIdentity: 'CP_111', siteId: ids.bandung, evseId: 1, connectorId: 1, transactionRef: String(10_000 + Math.round(startedSecondsAgo)), ocppVersion: 'ocpp1.6', source: 'ocpp', tokenMasked: '04••••C3', driverName: 'Sari Wulandari', authorizationStatus: 'Accepted',
      startedAt: ago(startedSecondsAgo), startReceivedAt: ago(startedSecondsAgo - 1), endedAt: ended, endReceivedAt: ended, state: ended === null ? 'active' : 'ended', stopReason: ended === null ? null : 'EVDisconnected', meterStartWh: 1_204_500, meterStopWh: ended === null ? null : 1_204_500 + energyWh, energyWh,
      powerW: ended === null ? 21_900 : null, socPct: ended === null ? 64 : null, lastReadingAt: ago(6), idleSince: null, idleSeconds: 0, flags: [], tariff,
      bill: ended === null ? null : { id: uuid(Math.round(startedSecondsAgo) + 50_000), sessionId: id, currency: 'IDR', energyWh, totalMinor: amount + 5_000, lines: [{ kind: 'energy', quantity: energyWh / 1_000, unit: 'kWh', unitPriceMinor: 2_466, amountMinor: amount }, { kind: 'session-fee', quantity: 1, unit: 'session', unitPriceMinor: 5_000, amountMinor: 5_000 }], state: 'final', createdAt: ended, finalizedAt: ended },
      ...more,
    };
  };
  const sessions: Session[] = [
    session(uuid(9005), 1_100, null, 2_050, { stationIdentity: 'CP_407', driverName: null, powerW: 6_900, socPct: null }),
    session(ids.session1, 2_460, null, 12_480),
    session(ids.session2, 6_900, null, 31_270, { stationId: ids.cp123, stationIdentity: 'CP_123', powerW: 0, socPct: 100, idleSince: ago(840), idleSeconds: 840, driverName: drivers[4] ?? null }),
    session(ids.ended, 14_000, 4_800, 18_932, { flags: ['offline-start', 'late-stop'], stopReason: 'Local', endReceivedAt: ago(8_000), idleSeconds: 1_140 }),
    session(ids.lost, 30_000, 3_600, 7_410, { state: 'lost-stop', stopReason: 'LostStop', flags: ['lost-stop'], driverName: 'Agus Setiawan' }),
  ];
  for (let i = 0; i < 32; i += 1) sessions.push(session(uuid(9200 + i), 36_000 + i * 5_100, 1_800 + Math.round(chance() * 7_000), Math.round(2_000 + chance() * 38_000), { stationIdentity: ['CP_111', 'CP_112', 'CP_123', 'CP_321'][i % 4] ?? 'CP_111', driverName: drivers[i % drivers.length] ?? null, stopReason: i % 5 === 0 ? 'Remote' : 'EVDisconnected' }));
  const endedBill = sessions.find((each) => each.id === ids.ended)?.bill;
  if (endedBill) { endedBill.lines.splice(1, 0, { kind: 'idle', quantity: 4, unit: 'min', unitPriceMinor: 500, amountMinor: 2_000 }); endedBill.totalMinor += 2_000; }
  const lostBill = sessions.find((each) => each.id === ids.lost)?.bill;
  if (lostBill) { lostBill.state = 'provisional'; lostBill.finalizedAt = null; }

  const curves = new Map(sessions.map((each) => {
    const startMs = Date.parse(each.startedAt);
    const endMs = each.endedAt === null ? nowMs - 6_000 : Date.parse(each.endedAt);
    const points: z.infer<typeof SessionCurve>['points'] = [];
    const total = each.energyWh ?? 0;
    const steps = Math.max(2, Math.min(240, Math.round((endMs - startMs) / 15_000)));
    let energy = 0;
    const shape = Array.from({ length: steps + 1 }, (_, i) => { const x = i / steps; return (x < 0.03 ? x / 0.03 : x > 0.78 ? Math.max(0.12, 1 - (x - 0.78) * 3.6) : 1) * (0.96 + chance() * 0.06); });
    const sum = shape.reduce((a, b) => a + b, 0);
    for (let i = 0; i <= steps; i += 1) {
      energy += ((shape[i] ?? 0) / sum) * total;
      const gap = i > steps * 0.42 && i < steps * 0.46;
      points.push({ at: new Date(startMs + ((endMs - startMs) * i) / steps).toISOString(), powerW: gap ? null : Math.round((shape[i] ?? 0) * total * (3_600_000 / ((endMs - startMs) / steps)) / sum), energyWh: gap ? null : Math.round(energy), socPct: each.driverName === null || gap ? null : Math.round(38 + 26 * (i / steps)) });
    }
    return [each.id, { sessionId: each.id, points, readings: points.length }] as const;
  }));
  const explanations = new Map(sessions.map((each) => {
    const meters = [1, 2, 3].map((i): SessionExplanation['messages'][number] => ({ action: 'MeterValues', messageId: `m-${i}`, seqNo: null, eventAt: new Date(Date.parse(each.startedAt) + i * 60_000).toISOString(), receivedAt: new Date(Date.parse(each.startedAt) + i * 60_000 + (each.flags.includes('offline-start') ? 900_000 : 900)).toISOString(), verdict: 'applied', detail: null, payload: { connectorId: 1, transactionId: Number(each.transactionRef), meterValue: [{ timestamp: each.startedAt, sampledValue: [{ value: '21.9', unit: 'kW', measurand: 'Power.Active.Import' }] }] } }));
    const messages: SessionExplanation['messages'] = [
      { action: 'StartTransaction', messageId: 'm-0', seqNo: null, eventAt: each.startedAt, receivedAt: each.startReceivedAt, verdict: 'applied', detail: 'session begun; card Accepted', payload: { connectorId: 1, idTag: '…', meterStart: 1_204_500 } },
      { action: 'StartTransaction', messageId: 'm-0b', seqNo: null, eventAt: each.startedAt, receivedAt: new Date(Date.parse(each.startReceivedAt) + 21_000).toISOString(), verdict: 'duplicate', detail: `this start is on the books already as transaction ${each.transactionRef}`, payload: { connectorId: 1 } },
      ...meters,
      ...(each.endedAt === null || each.endReceivedAt === null || each.state === 'lost-stop' ? [] : [{ action: 'StopTransaction', messageId: 'm-9', seqNo: null, eventAt: each.endedAt, receivedAt: each.endReceivedAt, verdict: each.flags.includes('late-stop') ? 'late' : 'applied', detail: each.flags.includes('late-stop') ? 'a late stop settled the session: 18932 Wh' : `ended: ${each.energyWh} Wh`, payload: { transactionId: Number(each.transactionRef), meterStop: each.meterStopWh, reason: each.stopReason } } satisfies SessionExplanation['messages'][number]]),
    ];
    return [each.id, { session: each, messages, readings: 318 }] as const;
  }));

  const dayStart = Date.parse(`${new Date(nowMs + 7 * 3_600_000).toISOString().slice(0, 10)}T00:00:00Z`) - 7 * 3_600_000;
  const dayHours = Math.max(1, Math.floor((nowMs - dayStart) / 3_600_000) + 1);
  const daily = (hour: number): number => 4_000 + 15_000 * Math.exp(-(((hour - 12) / 3.4) ** 2)) + 19_000 * Math.exp(-(((hour - 19) / 2.4) ** 2));
  const overview: Overview = {
    timeZone: 'Asia/Jakarta', currency: 'IDR', stations: { total: 13, online: 11, offline: 2, faulted: 1 }, connectors: { total: 14, available: 4, charging: 2, faulted: 1, other: 6 }, powerNowW: 28_800, activeSessions: 4,
    today: { from: new Date(dayStart).toISOString(), energyWh: 241_870, totalMinor: 612_430, sessions: 23, hourlyEnergy: Array.from({ length: dayHours }, (_, hour) => ({ at: new Date(dayStart + hour * 3_600_000).toISOString(), energyWh: Math.round(daily(hour) * (0.7 + chance() * 0.6)) })) },
    yesterday: { energyWh: 318_200, totalMinor: 804_900, sessions: 31 },
    attention: [
      { kind: 'connector-faulted', stationId: ids.cp112, identity: 'CP_112', connectorId: 1, sessionId: null, code: 'GroundFailure', since: ago(4_020) },
      { kind: 'station-offline', stationId: uuid(504), identity: 'CP_400', connectorId: null, sessionId: null, code: null, since: ago(1_560) },
      { kind: 'session-flagged', stationId: ids.cp111, identity: 'CP_111', connectorId: 1, sessionId: ids.lost, code: 'lost-stop', since: ago(26_400) },
      { kind: 'station-knocking', stationId: null, identity: 'CP_999', connectorId: null, sessionId: null, code: null, since: ago(300) },
    ],
    asOf: new Date(nowMs).toISOString(),
  };
  overview.stations.offline = 2;
  const hourMs = Math.floor(nowMs / 3_600_000) * 3_600_000;
  const point = (offset: number): SiteForecast['points'][number] => {
    const at = hourMs + offset * 3_600_000;
    const usual = daily(new Date(at + 7 * 3_600_000).getUTCHours());
    const p50 = usual * (0.92 + 0.12 * Math.sin(offset / 3));
    return { at: new Date(at).toISOString(), p10Wh: p50 * 0.62, p50Wh: p50, p90Wh: p50 * 1.42, usualWh: usual, actualWh: offset < 0 ? p50 * (0.7 + chance() * 0.6) : null };
  };
  const forecast: SiteForecast = {
    siteId: ids.boulder, timeZone: 'America/Denver', status: 'ok', daysOfData: 364, reason: null, issuedAt: ago(5_400), originAt: new Date(hourMs).toISOString(), model: { id: uuid(6001), kind: 'blend' },
    points: Array.from({ length: 24 }, (_, i) => point(i)), recent: Array.from({ length: 30 }, (_, i) => point(i - 30)), last7Days: { hours: 168, maeWh: 2_840, rmseWh: 3_920, biasWh: -210, coverage80: 0.83 },
  };
  const forecasts = new Map<string, SiteForecast>([
    [ids.boulder, forecast],
    [ids.bandung, { ...forecast, siteId: ids.bandung, timeZone: 'Asia/Jakarta' }],
  ]);
  const models: z.infer<typeof ModelList> = {
    items: [
      { id: uuid(6001), siteId: ids.boulder, task: 'load', kind: 'blend', state: 'champion', trainedAt: ago(5_500), windowFrom: ago(364 * 86_400), windowTo: ago(86_400), sampleDays: 364, sampleSessions: 8_412, metrics: { judgedDays: 28, maeWh: 2_710, rmseWh: 3_640, coverage80: 0.81, skillVsProfile: 0.1, skillVsNaive168: 0.28 }, decision: 'promoted', reason: 'blend takes over from profile: RMSE 3.640 kWh against 4.044 kWh of profile over 28 days, 10.0 % better; better in 97 % of resampled months; its forecasts were 2.1 % too low on the whole; 81 % of the hours fell within its 80 % interval' },
      { id: uuid(6002), siteId: ids.boulder, task: 'load', kind: 'ridge', state: 'challenger', trainedAt: ago(5_500), windowFrom: ago(364 * 86_400), windowTo: ago(86_400), sampleDays: 364, sampleSessions: 8_412, metrics: { maeWh: 2_950, rmseWh: 3_980, coverage80: 0.84 }, decision: 'refused', reason: 'ridge was refused: RMSE 3.980 kWh against 4.044 kWh of profile over 28 days is 1.6 % better; at least 2 % better is asked; it is better in only 71 % of resampled months; 90 % is asked' },
      { id: uuid(6003), siteId: ids.boulder, task: 'load', kind: 'profile', state: 'retired', trainedAt: ago(91_900), windowFrom: ago(365 * 86_400), windowTo: ago(2 * 86_400), sampleDays: 363, sampleSessions: 8_380, metrics: { maeWh: 3_010, rmseWh: 4_044 }, decision: 'refused', reason: 'profile was beaten by blend' },
    ],
    runs: [
      { id: uuid(6101), kind: 'daily', startedAt: ago(5_512), endedAt: ago(5_500), outcome: 'promoted', reason: 'blend takes over from profile: RMSE 3.640 kWh against 4.044 kWh of profile over 28 days, 10.0 % better; better in 97 % of resampled months. ridge would have been promoted, but blend was better still', daysOfData: 364 },
      { id: uuid(6102), kind: 'daily', startedAt: ago(91_912), endedAt: ago(91_901), outcome: 'kept', reason: 'profile was fitted anew on 363 days', daysOfData: 363 },
      { id: uuid(6103), kind: 'deep', startedAt: ago(178_000), endedAt: ago(177_900), outcome: 'failed', reason: 'the series of the last day has a gap of 7 hours', daysOfData: 362 },
    ],
  };
  const tokens: FixtureData['tokens'] = drivers.map((driverName, i) => ({ id: uuid(8000 + i), uidMasked: `04••••${(0xc3 + i * 7).toString(16).toUpperCase()}`, kind: i === 2 ? 'app' : 'rfid', driverName, driverId: null, groupId: null, groupName: null, status: i === 3 ? 'blocked' : 'active', blockedBy: i === 3 ? 'card' : null, validFrom: null, validUntil: i === 5 ? new Date(nowMs + 90 * 86_400_000).toISOString() : null, parentUidMasked: null, createdAt: ago(86_400 * (i + 3)) }));
  const tariffs: Tariff[] = [
    { id: uuid(8100), siteId: null, name: 'Umum 2026', currency: 'IDR', energyPerKwhMinor: 2_466, sessionFeeMinor: 5_000, idlePerMinuteMinor: 500, idleGraceMinutes: 15, validFrom: ago(200 * 86_400), validUntil: null },
    { id: uuid(8101), siteId: ids.bandung, name: 'Bandung malam', currency: 'IDR', energyPerKwhMinor: 1_850, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: ago(300 * 86_400), validUntil: ago(100 * 86_400) },
  ];
  const commands: Command[] = [
    { id: ids.command, stationId: ids.cp111, action: 'remote-stop', payload: {}, state: 'accepted', idempotencyKey: 'a', createdBy: 'Budi Santoso', createdAt: ago(13_000), deadlineAt: ago(12_970), sentAt: ago(12_999), answeredAt: ago(12_998), result: { status: 'Accepted' }, detail: null, lateResult: null, sessionId: ids.ended },
    { id: uuid(7002), stationId: ids.cp111, action: 'reset', payload: {}, state: 'unknown', idempotencyKey: 'b', createdBy: 'Budi Santoso', createdAt: ago(90_000), deadlineAt: ago(89_970), sentAt: ago(89_999), answeredAt: null, result: null, detail: null, lateResult: null, sessionId: null },
  ];
  const lab: LabState = {
    stations: stations.slice(0, 4).map((each) => ({ identity: each.identity, dialect: each.ocppVersion ?? 'ocpp1.6', connected: each.identity !== 'CP_112', cableCut: each.identity === 'CP_112', queuedMessages: each.identity === 'CP_112' ? 7 : 0, connectors: each.connectors.map((c) => ({ connectorId: c.evseId, status: c.status, plugged: c.session !== null, powerW: c.session?.powerW ?? 0, sessionEnergyWh: c.session?.energyWh ?? 0, idTag: null, lastCard: null })) })),
    processes: [['gateway-0', 'gateway', 7], ['gateway-1', 'gateway', 6], ['operator', 'operator', null], ['api', 'api', null], ['csms-dashboard-0', 'dashboard', null]].map(([name, kind, connections], i) => ({ name: String(name), kind: String(kind), pid: 4_000 + i, ready: true, restarts: i === 1 ? 2 : 0, connections: typeof connections === 'number' ? connections : null })),
    bus: { kind: 'postgres', state: 'running' }, cards: [{ uid: '04A1B2C3', label: 'known', driverName: 'Sari Wulandari' }, { uid: '04DEAD00', label: 'blocked', driverName: 'Agus Setiawan' }, { uid: 'FFFFFFFF', label: 'unknown', driverName: null }], asOf: new Date(nowMs).toISOString(),
  };
  const proof: LabProof = { asOf: ago(1), transactions: { byChargers: 148, acknowledged: 146, inBooks: 146, lost: 0, doubled: 0, queued: 7 }, energyWh: { byChargers: 1_482_310, inBooks: 1_482_310, difference: 0 }, bills: { sessionsEnded: 142, billedOnce: 142, unbilled: 0, billedTwice: 0 }, problems: [] };
  return {
    me: { subject: 'operator', name: 'Budi Santoso', tenant: 'demo', roles: ['viewer', 'operator', 'admin'], impersonation: null, mode: 'lab', currency: 'IDR' }, sites, stations, sessions, curves, explanations, overview, tokens, tariffs, commands, forecasts, models, lab, proof,
    knocking: [{ identity: 'CP_999', firstSeenAt: ago(300), lastSeenAt: ago(4), attempts: 12, remoteAddress: '10.4.2.19', ocppVersion: 'ocpp1.6', reason: 'not registered' }],
  };
}
