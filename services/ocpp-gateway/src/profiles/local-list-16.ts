import { optional, type OutgoingProfile } from './outgoing-table.ts';

/** OCPP 1.6, profile LocalAuthListManagement, to the charge point. An entry without idTagInfo takes the card off the list. */
export const localListCommands16 = {
  'send-local-list': ({ listVersion, updateType, entries }) => ({
    action: 'SendLocalList',
    payload: {
      listVersion, updateType: updateType === 'full' ? 'Full' : 'Differential',
      localAuthorizationList: entries.map(({ tokenUid, status, validUntil, parentUid }) => ({
        idTag: tokenUid, ...(status === null ? {} : { idTagInfo: { status, ...optional('expiryDate', validUntil), ...optional('parentIdTag', parentUid) } }),
      })),
    },
  }),
  'get-local-list-version': () => ({ action: 'GetLocalListVersion', payload: {} }),
} satisfies OutgoingProfile<'ocpp1.6'>;
