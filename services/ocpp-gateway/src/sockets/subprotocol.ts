import { ocppVersions, type OcppVersion } from '@csms/ocpp';

/** What the offer in Sec-WebSocket-Protocol comes to (G-31). `name` is the chosen one as the station spelt it, which the answer must repeat. */
export type Subprotocol =
  | { outcome: 'agreed'; version: OcppVersion; name: string }
  | { outcome: 'none-offered' }
  | { outcome: 'none-common' };

/**
 * Takes the first version that both sides speak, in the station's order of preference (OCPP-J 1.6, 3.1.2). Letter case is forgiven: some
 * firmware writes OCPP1.6.
 */
export function chooseSubprotocol(offered: Iterable<string>): Subprotocol {
  let any = false;
  for (const name of offered) {
    any = true;
    const version = ocppVersions.find((known) => known === name.toLowerCase());
    if (version !== undefined) return { outcome: 'agreed', version, name };
  }
  return { outcome: any ? 'none-common' : 'none-offered' };
}

/** The names in a Sec-WebSocket-Protocol header. */
export function offeredSubprotocols(header: string | undefined): string[] {
  return (header ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
}
