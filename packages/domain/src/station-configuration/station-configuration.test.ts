import { expect, it } from 'vitest';
import { differencesOf, mergeTemplates } from './differences.ts';
import { sameValue, standardKey, standardKeys, valueProblem } from './standard-keys.ts';

it('the table has each key once, with a unit where its number has one', () => {
  expect(new Set(standardKeys.map(({ key }) => key.toLowerCase())).size).toBe(standardKeys.length);
  expect(standardKey('heartbeatinterval')).toEqual({ key: 'HeartbeatInterval', profile: 'Core', type: 'integer', unit: 's', access: 'read-write' });
  expect(standardKey('constructor')).toBeNull();
  expect(standardKeys.filter(({ unit, type }) => unit !== null && type !== 'integer')).toEqual([]);
});

it.each([
  ['HeartbeatInterval', '300', null], ['HeartbeatInterval', '5 min', 'a whole number (s)'], ['HeartbeatInterval', '', 'a whole number (s)'], ['LocalPreAuthorize', 'TRUE', null], ['LocalPreAuthorize', '1', 'true or false'],
  ['NumberOfConnectors', '2', 'the station alone sets it'], ['AuthorizationKey', 'secret', 'a secret is set by its own way, and is in no template'], ['VendorKey', 'anything', null],
])('a template may want %s = %j: %s', (key, value, problem) => {
  expect(valueProblem(key, value)).toBe(problem);
});

it('values are the same where a station takes them for the same', () => {
  expect(sameValue('HeartbeatInterval', '0300', ' 300')).toBe(true);
  expect(sameValue('localpreauthorize', 'True', 'true')).toBe(true);
  expect(sameValue('MeterValuesSampledData', 'SoC, Power.Active.Import', 'Power.Active.Import,SoC,')).toBe(true);
  expect(sameValue('MeterValuesSampledData', 'SoC', 'SoC,Voltage')).toBe(false);
  expect(sameValue('VendorKey', 'a,b', 'b,a')).toBe(false);
});

it('a site\'s template goes before the tenant\'s, and each difference says why', () => {
  const template = mergeTemplates({ HeartbeatInterval: '300', BlinkRepeat: '1', ConnectionTimeOut: '60', Own: 'x', MinimumStatusDuration: '1' }, { heartbeatinterval: '60' });
  const known = new Map([
    ['heartbeatinterval', { value: '300', isKnown: true, pendingValue: null }], ['blinkrepeat', { value: null, isKnown: false, pendingValue: null }],
    ['connectiontimeout', { value: '30', isKnown: true, pendingValue: '60' }], ['own', { value: 'x', isKnown: true, pendingValue: null }],
  ]);
  expect(differencesOf(template, known)).toEqual([
    { key: 'BlinkRepeat', wanted: '1', value: null, why: 'unknown-key' }, { key: 'ConnectionTimeOut', wanted: '60', value: '30', why: 'reboot-required' },
    { key: 'MinimumStatusDuration', wanted: '1', value: null, why: 'unread' }, { key: 'heartbeatinterval', wanted: '60', value: '300', why: 'differs' },
  ]);
});
