import { expect, it } from 'vitest';
import { redactAnswer, redactText } from './redact-secrets.ts';

const password = '0123456789abcdef0123456789abcdef01234567';

it.each<[string, unknown, unknown]>([
  ['GetConfiguration', { configurationKey: [{ key: 'authorizationkey', readonly: false, value: 'short' }, { key: 'HeartbeatInterval', readonly: false, value: '300' }] },
    { configurationKey: [{ key: 'authorizationkey', readonly: false, value: '***' }, { key: 'HeartbeatInterval', readonly: false, value: '300' }] }],
  ['a vendor key that holds the same', { configurationKey: [{ key: 'OcppPass', value: password.toUpperCase() }] }, { configurationKey: [{ key: 'OcppPass', value: '***' }] }],
  ['GetVariables of 2.0.1', { getVariableResult: [{ component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' }, attributeValue: 'p', attributeStatus: 'Accepted' }] },
    { getVariableResult: [{ component: { name: 'SecurityCtrlr' }, variable: { name: 'BasicAuthPassword' }, attributeValue: '***', attributeStatus: 'Accepted' }] }],
  ['a CALLERROR that echoes', { code: 'X', description: `value ${password} not allowed`, details: { key: 'AuthorizationKey', value: password, [password]: 1 } },
    { code: 'X', description: 'value *** not allowed', details: { key: 'AuthorizationKey', value: '***', '***': 1 } }],
  ['a pushed secret of another form', { details: { AuthorizationKey: 'a', note: 'got Correct.Horse' } }, { details: { AuthorizationKey: '***', note: 'got ***' } }],
  ['nothing secret', { status: 'Accepted', hash: `${password}${password}`, n: 1, none: null }, { status: 'Accepted', hash: `${password}${password}`, n: 1, none: null }],
])('%s', (_, answer, without) => {
  expect(redactAnswer(answer, 'correct.horse')).toEqual(without);
});

it.each([
  ['{"key":"AuthorizationKey","value":"hunter2"}', '{"key":"AuthorizationKey","value":"***"}'],
  ['{\\"key\\":\\"AuthorizationKey\\",\\"value\\":\\"hunter2\\"}', '{\\"key\\":\\"AuthorizationKey\\",\\"value\\":\\"***\\"}'],
  ['AuthorizationKey=hunter2; x', 'AuthorizationKey=***; x'],
  [`told ${password}.`, 'told ***.'],
  ['AuthorizationKey was changed', 'AuthorizationKey was changed'],
])('%s in text', (text, without) => expect(redactText(text)).toBe(without));
