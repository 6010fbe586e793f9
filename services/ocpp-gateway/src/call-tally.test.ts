import { Registry } from '@csms/kit';
import { expect, it } from 'vitest';
import { CallTally } from './call-tally.ts';

it('prints what was counted as a counter and a cumulative histogram', async () => {
  const tally = new CallTally();
  const registry = new Registry();
  tally.registerIn(registry);
  for (const seconds of [0.001, 0.002, 0.2, 60]) tally.count('from-station', 'Heartbeat', 'answered', seconds);
  tally.count('to-station', 'Reset', 'timeout', 30);
  await registry.metrics();
  const text = await registry.metrics();
  expect(text).toContain('csms_ocpp_calls_total{direction="from-station",action="Heartbeat",result="answered"} 4');
  expect(text).toContain('csms_ocpp_calls_total{direction="to-station",action="Reset",result="timeout"} 1');
  expect(text).toContain('# TYPE csms_ocpp_call_duration_seconds histogram');
  expect(text).toMatch(/call_duration_seconds_bucket\{.*action="Heartbeat".*le="0.001".*\} 1|call_duration_seconds_bucket\{le="0.001",.*action="Heartbeat".*\} 1/);
  expect(text).toMatch(/_bucket\{[^}]*action="Heartbeat"[^}]*le="0.25"[^}]*\} 3/);
  expect(text).toMatch(/_bucket\{[^}]*action="Heartbeat"[^}]*le="\+Inf"[^}]*\} 4/);
  expect(text).toMatch(/_count\{[^}]*action="Heartbeat"[^}]*\} 4/);
});
