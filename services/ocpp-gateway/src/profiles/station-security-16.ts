import type { OutgoingProfile } from './outgoing-table.ts';

/** OCPP 1.6 security whitepaper, 2.3 and 2.5: how a station comes in, as configuration keys. AuthorizationKey is 40 hexadecimal digits. */
export const stationSecurityCommands16 = {
  'push-credential': (_command, secret) => ({ action: 'ChangeConfiguration', payload: { key: 'AuthorizationKey', value: secret } }),
  'set-security-profile': ({ profile }) => ({ action: 'ChangeConfiguration', payload: { key: 'SecurityProfile', value: String(profile) } }),
} satisfies OutgoingProfile<'ocpp1.6'>;
