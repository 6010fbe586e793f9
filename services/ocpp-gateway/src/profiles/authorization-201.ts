import type { ProfileTable } from './handler.ts';

/** OCPP 2.0.1, functional block C Authorization, from the station. */
export const authorization201 = {
  Authorize: {
    handle: async ({ idToken }, { authorization, source }) => {
      const decision = await authorization.authorize(source.tenantId, source.stationId, idToken.idToken, source.receivedAt);
      return {
        idTokenInfo: {
          status: decision.status,
          ...(decision.validUntil === null ? {} : { cacheExpiryDateTime: decision.validUntil.toISOString() }),
          ...(decision.parentUid === null ? {} : { groupIdToken: { idToken: decision.parentUid, type: 'Central' as const } }),
        },
      };
    },
  },
} satisfies ProfileTable<'ocpp2.0.1'>;
