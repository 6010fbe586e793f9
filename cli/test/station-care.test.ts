import { openReplyDesk } from '@csms/bus';
import { ConfiguredKey, Firmware, FirmwareUpdate, Rollout, StationUpload } from '@csms/contracts/http/index';
import { createLogger, uuidv7 } from '@csms/kit';
import { openCommandLedger } from '@csms/store';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { driveFirmware } from '../../services/api/src/jobs/drive-firmware.ts';
import { repeat } from '../../services/api/src/jobs/repeat.ts';
import { startTestPlatform, type TestPlatform } from '../../services/api/test/with-charger.ts';
import { progressOf } from '../src/commands/rollouts.ts';
import { exitCodes } from '../src/exit.ts';
import { runCli } from '../src/program.ts';

/* csmsctl against an API that listens, with a gateway process and a charger behind it: files, configuration and firmware as a person asks for them. */
const dir = mkdtempSync(join(tmpdir(), 'csmsctl-care-'));
let platform: TestPlatform;
let apiUrl: string;
let stopDriving: () => Promise<void>;
beforeAll(async () => {
  platform = await startTestPlatform();
  const { api } = platform;
  apiUrl = `${await api.app.listen({ port: 0, host: '127.0.0.1' })}/api/v1`;
  api.files.stationUrl = apiUrl;
  await platform.aCharger('CP_1');
  const replies = await openReplyDesk(api.bus, `driver-${uuidv7()}`);
  const parts = { pool: api.pool, bus: api.bus, replies, ledger: openCommandLedger({ pool: api.pool }), now: () => new Date(), newId: uuidv7, log: createLogger('test', 'error'), pepper: 'a-pepper-for-tests-only', files: api.files };
  const stop = repeat({ everyMs: 100, onError: (error) => { throw error; }, job: () => driveFirmware(parts) });
  stopDriving = async () => { await stop(); await replies.close(); };
});
afterAll(async () => { await stopDriving?.(); await platform?.close(); rmSync(dir, { recursive: true, force: true }); });

async function csmsctl(line: string, token = platform.admin): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(line.split(' '), { out: (text) => { out += text; }, err: (text) => { err += text; }, color: false, env: { CSMS_API_URL: apiUrl, CSMS_TOKEN: token } });
  return { code, out, err };
}
async function json<T extends z.ZodType>(line: string, schema: T, token?: string): Promise<z.infer<T>> {
  const { code, out, err } = await csmsctl(`${line} -o json`, token);
  expect(code, err).toBe(exitCodes.done);
  return schema.parse(JSON.parse(out));
}

it('diagnostics: asks, says each step, writes the file; fetches it again later', async () => {
  const path = join(dir, 'cp_1.log');
  const got = await csmsctl(`diagnostics get CP_1 -O ${path}`);
  expect([got.code, got.err]).toEqual([exitCodes.done, expect.stringContaining('csmsctl: stored')]);
  const [upload] = await json('diagnostics list --station CP_1', z.array(StationUpload));
  expect(upload).toMatchObject({ state: 'stored', sizeBytes: readFileSync(path).length });
  const again = join(dir, 'again.log');
  expect((await csmsctl(`diagnostics fetch ${upload!.id} -O ${again}`)).code).toBe(exitCodes.done);
  expect(readFileSync(again).equals(readFileSync(path))).toBe(true);
  expect(await json('diagnostics log CP_1 --type security --wait', StationUpload)).toMatchObject({ kind: 'security-log', state: 'stored' });
  expect((await csmsctl(`diagnostics fetch ${uuidv7()} -O ${again}`)).code).toBe(exitCodes.notFound);
});

it('configuration: reads, sets, holds against a template and applies it', async () => {
  expect((await csmsctl('configuration get CP_1')).err).toContain('nothing was read from it yet');
  expect(await json('configuration get CP_1 MeterValueSampleInterval --read', z.array(ConfiguredKey))).toMatchObject([{ key: 'MeterValueSampleInterval', value: '1', unit: 's', source: 'read' }]);
  expect((await csmsctl('configuration set CP_1 MeterValueSampleInterval 5')).out).toBe('CP_1  MeterValueSampleInterval = 5  Accepted\n');
  expect((await csmsctl('configuration set CP_1 MeterValueSampleInterval often'))).toMatchObject({ code: exitCodes.refused, err: expect.stringContaining('takes a whole number (s)') });
  expect((await csmsctl('configuration set CP_1 NumberOfConnectors 9')).code).toBe(exitCodes.refused);
  expect((await csmsctl('configuration template set MeterValueSampleInterval=30 ConnectionTimeOut=61')).code).toBe(exitCodes.done);
  expect((await csmsctl('configuration diff')).out).toMatch(/CP_1 +ConnectionTimeOut +61 +– +unread[^\n]*\nCP_1 +MeterValueSampleInterval +30 +5 +differs/);
  expect((await csmsctl('configuration apply CP_1')).out).toMatch(/ConnectionTimeOut +61 +Accepted\nMeterValueSampleInterval +30 +Accepted/);
  expect((await csmsctl('configuration diff CP_1')).out.trim().split('\n')).toHaveLength(1);
  expect((await csmsctl('configuration template set nonsense')).code).toBe(exitCodes.usage);
});

it('firmware and rollout: add, approve by another, roll out, and see how far it is', async () => {
  const file = join(dir, 'edge-1.2.0.bin');
  writeFileSync(file, 'firmwareVersion: 1.2.0\n');
  const added = await csmsctl(`firmware add ${file} --vendor Charge-IT --model edge --version 1.2.0 -o json`);
  expect([added.code, added.err]).toEqual([exitCodes.done, expect.stringContaining('a second person approves it')]);
  const { id } = Firmware.parse(JSON.parse(added.out));
  expect(await csmsctl(`rollout start --firmware ${id}`)).toMatchObject({ code: exitCodes.refused, err: expect.stringContaining('firmware-not-approved') });
  expect(await csmsctl(`firmware approve ${id}`)).toMatchObject({ code: exitCodes.refused, err: expect.stringContaining('second-person-needed') });
  const secondPerson = await platform.api.forge((claims) => { claims.sub = 'somebody-else'; });
  expect(await json(`firmware approve ${id}`, Firmware, secondPerson)).toMatchObject({ state: 'approved' });
  const rollout = await json(`rollout start --firmware ${id} --site bandung-01`, Rollout);
  const waited = await csmsctl(`rollout status ${rollout.id} --wait`);
  expect([waited.code, waited.out]).toEqual([exitCodes.done, expect.stringMatching(/state +done[\s\S]*\[#{30}\] 1 of 1 installed/)]);
  expect(await json(`firmware updates --rollout ${rollout.id}`, z.array(FirmwareUpdate))).toMatchObject([{ stationIdentity: 'CP_1', state: 'installed', firmwareBefore: '1.0.0' }]);
  expect((await csmsctl(`rollout pause ${rollout.id}`)).code).toBe(exitCodes.refused);
  expect((await csmsctl(`firmware withdraw ${id}`)).out).toMatch(/state +withdrawn/);
  const missing = await csmsctl(`firmware add ${join(dir, 'nothing.bin')} --vendor Charge-IT --model edge --version 9`);
  expect(missing.code).toBe(exitCodes.usage);
  expect((await json('firmware list', z.array(Firmware))).filter((each) => each.state === 'awaiting-file')).toEqual([]);
});

it('a progress bar says how many are where', () => {
  expect(progressOf({ stations: { total: 30, waiting: 10, onTheirWay: 3, installed: 15, failed: 2, cancelled: 0 } })).toBe(`[${'#'.repeat(15)}!!>>>${'-'.repeat(10)}] 15 of 30 installed, 2 failed, 3 on their way`);
  expect(progressOf({ stations: { total: 0, waiting: 0, onTheirWay: 0, installed: 0, failed: 0, cancelled: 0 } })).toBe(`[${'-'.repeat(30)}] 0 of 0 installed`);
});
