import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStationPath as read } from './station-path.ts';

const readStationPath = (target: string, defaultTenant: string | null) => read(target, { defaultTenant, paths: 'ocpp' });
const station = (tenantId: string, identity: string) => ({ ok: true, tenantId, identity });

describe('station path', () => {
  it.each([
    ['/ocpp/demo/CP_1', station('demo', 'CP_1')],
    ['/ocpp/CP_1', station('demo', 'CP_1')],
    ['/ocpp/kota/RDAM%7C123', station('kota', 'RDAM|123')],
    ['/ocpp/kota/RDAM|123', station('kota', 'RDAM|123')],
    ['/ocpp/kota/CP_1/', station('kota', 'CP_1')],
    ['/ocpp/kota/CP_1?token=x', station('kota', 'CP_1')],
    ['ws://csms.example.com:9220/ocpp/kota/CP_1', station('kota', 'CP_1')],
    ['http://csms.example.com/ocpp/CP_1', station('demo', 'CP_1')],
    ['/ocpp/kota/AA:BB:CC', station('kota', 'AA:BB:CC')],
    ['/ocpp/kota/Halle%204', station('kota', 'Halle 4')],
    [`/ocpp/kota/${'x'.repeat(48)}`, station('kota', 'x'.repeat(48))],
  ])('G-30 %s is a station', (target, expected) => expect(readStationPath(target, 'demo')).toEqual(expected));

  it.each([
    ['/ocpp/%ff', 400], ['/%ff', 404], ['/ocpp/%', 400], ['/ocpp/kota/CP%2F1', 400], ['/ocpp//CP_1', 400], ['/ocpp/kota//CP_1', 400], ['/ocpp/kota/CP_1//', 400],
    [`/ocpp/kota/${'x'.repeat(49)}`, 400], ['/ocpp/kota/%00', 400], ['/ocpp/kota/%E2%82%AC', 400], ['/ocpp/kota/%20', 400], ['/ocpp/KOTA/CP_1', 400],
    ['/ocpp/a/b/c', 404], ['/ocpp', 404], ['/ocpp/', 404], ['/', 404], ['', 404], ['*', 400], ['/other/CP_1', 404],
  ])('G-30 %s is refused with %d', (target, status) => expect(readStationPath(target, 'demo')).toMatchObject({ ok: false, status }));

  it('without a default tenant the path has to name one', () => {
    expect(readStationPath('/ocpp/CP_1', null)).toMatchObject({ ok: false, status: 404 });
    expect(readStationPath('/ocpp/kota/CP_1', null)).toEqual(station('kota', 'CP_1'));
  });

  it.each([
    ['/CP_1', station('demo', 'CP_1')], ['/RDAM%7C123/', station('demo', 'RDAM|123')], ['ws://csms.example.com:9000/CP_1', station('demo', 'CP_1')], ['/ocpp', station('demo', 'ocpp')],
    ['/kota/CP_1', { ok: false, status: 404 }], ['/', { ok: false, status: 400 }], ['/%ff', { ok: false, status: 400 }],
  ])('G-30 on a port of bare paths %s is the identity alone', (target, expected) => expect(read(target, { defaultTenant: 'demo', paths: 'bare' })).toMatchObject(expected));

  it('G-30 no request target makes it throw', () => {
    const segment = fc.oneof(fc.string(), fc.constantFrom('ocpp', '%ff', '%2F', '%', '..', ''));
    fc.assert(fc.property(fc.array(segment).map((segments) => `/${segments.join('/')}`), (target) => {
      expect(typeof readStationPath(target, 'demo').ok).toBe('boolean');
    }));
  });
});
