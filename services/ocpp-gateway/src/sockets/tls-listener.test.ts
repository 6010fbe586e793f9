import { describe, expect, it } from 'vitest';
import { aCharger } from '../testing/charger.ts';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { openGateway } from '../testing/open-gateway.ts';
import { testAuthority, testTls } from '../testing/tls-material.ts';

const tlsOf = async (authority: Awaited<ReturnType<typeof testAuthority>>, given: Parameters<typeof testTls>[1] = {}) =>
  ({ port: 0, material: await testTls(authority, given), plainRsaExchange: false, handshakeTimeoutMs: 5_000 });

describe('the TLS listener', () => {
  it('a charger of security profile 2 boots over wss', async () => {
    const authority = await testAuthority();
    const books = new MemoryBooks().register(aStation({ securityProfile: 2 }));
    await using gateway = await openGateway(books, { tls: await tlsOf(authority) });
    const client = await aCharger({ port: gateway.tlsPort, identity: 'CP_1', ca: authority.certificatePem });
    expect(await client.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).toMatchObject({ status: 'Accepted' });
    await client.close();
    await expect(aCharger({ port: gateway.port, identity: 'CP_1' })).rejects.toThrow(/401|Unauthorized/);
  });
});
