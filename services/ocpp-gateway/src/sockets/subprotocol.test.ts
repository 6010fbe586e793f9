import { expect, it } from 'vitest';
import { chooseSubprotocol, offeredSubprotocols } from './subprotocol.ts';

it.each([
  ['ocpp1.6', 'ocpp1.6'], ['ocpp2.0.1', 'ocpp2.0.1'], ['ocpp1.6, ocpp2.0.1', 'ocpp1.6'], ['ocpp2.0.1,ocpp1.6', 'ocpp2.0.1'], ['ocpp2.1, ocpp1.6', 'ocpp1.6'], ['OCPP1.6', 'OCPP1.6'],
])('"%s" is spoken as %s', (header, name) => {
  expect(chooseSubprotocol(offeredSubprotocols(header))).toMatchObject({ outcome: 'agreed', name, version: name.toLowerCase() });
});

it('an offer of nothing and an offer of nothing we speak are told apart', () => {
  expect(chooseSubprotocol(offeredSubprotocols(undefined))).toEqual({ outcome: 'none-offered' });
  expect(chooseSubprotocol(offeredSubprotocols('ocpp1.5, soap'))).toEqual({ outcome: 'none-common' });
});
