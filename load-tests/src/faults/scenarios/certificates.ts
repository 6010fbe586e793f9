import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { makeAuthority, makeCertificate, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import type { Fault } from '../fault.ts';
import { eventually } from '../world/child.ts';
import { startLoad } from './load.ts';
import { aProbe } from './probe.ts';

/** F24: the server's certificate and its authority are changed while chargers are at work. */
export const certificatesRotated: Fault = {
  id: 'F24', title: 'server certificate and authority are rotated while busy', beyondShort: true,
  async run(run) {
    const folder = mkdtempSync(join(tmpdir(), 'csms-faults-tls-'));
    run.afterwards(() => rmSync(folder, { recursive: true, force: true }));
    const [certFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')];
    const times = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) };
    const [first, second] = await Promise.all(['first', 'second'].map((commonName) => makeAuthority({ commonName, ...times }))) as [KeyAndCertificate, KeyAndCertificate];
    const install = async (authority: KeyAndCertificate): Promise<void> => {
      const server = await makeCertificate({ commonName: 'localhost', usage: 'server', hostNames: ['localhost'], ipAddresses: ['127.0.0.1'], ...times }, authority);
      for (const [file, text] of [[keyFile, server.keyPem], [certFile, server.certificatePem]] as const) {
        writeFileSync(`${file}.new`, text);
        renameSync(`${file}.new`, file);
      }
    };
    await install(first);
    const platform = await run.open({ stations: 14, gateways: 1, bus: 'postgres', env: { CSMS_OCPPS_PORT: '0', CSMS_TLS_CERT_FILE: certFile, CSMS_TLS_KEY_FILE: keyFile, CSMS_TLS_RELOAD_SECONDS: '0.2' } });
    await platform.sql('UPDATE station SET security_profile = 2');
    const port = platform.gateways[0]!.tlsPort!;
    const endpoint = (): string => `wss://127.0.0.1:${port}`;
    const load = await startLoad(run, platform, { count: 12, endpoint, trusts: [first.certificatePem, second.certificatePem] });
    const before = await aProbe(run, platform, 12, { endpoint, trusts: [first.certificatePem] });
    await load.goesOn(60);
    run.expect(await greets(port, first) && !(await greets(port, second)), 'the first certificate is not the one that is shown at the beginning');
    await install(second);
    await eventually('new handshakes get the new certificate', () => greets(port, second), 30_000);
    run.expect(!(await greets(port, first)), 'a charger that trusts the old authority alone is still let in');
    run.expect(load.fleet.truths.every(({ cuts }) => cuts === 0) && before.truth.cuts === 0, 'an open socket was dropped by the rotation');
    run.expect((await before.call('Heartbeat', {})).kind === 'result', 'a socket of before the rotation is not answered');
    const after = await aProbe(run, platform, 13, { endpoint, trusts: [second.certificatePem] });
    run.expect((await after.call('Heartbeat', {})).kind === 'result', 'a charger of after the rotation is not answered');
    for (const charger of load.fleet.chargers) if (run.random.next() < 0.5) charger.cut();
    await load.goesOn(60);
    await load.finish();
  },
};

/** Does a client that trusts this authority alone come to an agreement with the server? */
function greets(port: number, { certificatePem }: KeyAndCertificate): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca: certificatePem }, () => { resolve(true); socket.destroy(); });
    socket.on('error', () => resolve(false));
  });
}
