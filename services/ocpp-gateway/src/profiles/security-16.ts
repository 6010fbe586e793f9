import { refusalOfRequest } from '@csms/domain/certificate/judge';
import { readSigningRequest } from '@csms/kit/x509/signing-request';
import { parseStationTime } from '@csms/ocpp';
import type { HandlerContext, ProfileTable } from './handler.ts';

/** OCPP 1.6 security whitepaper, from the charge point. */
export const security16 = {
  SecurityEventNotification: {
    handle: async (request, { stations, source, station }) => {
      await stations.securityEvent(source.tenantId, {
        stationId: source.stationId,
        identity: station.identity,
        kind: request.type,
        detail: request.techInfo ?? '',
        at: parseStationTime(request.timestamp) ?? source.receivedAt,
      });
      return {};
    },
  },

  /** A request that is none, or is not this station's, is refused at once; one that is good is on the books before it is answered (A02, A03; C-10). */
  SignCertificate: {
    handle: async (request, context) => {
      // Edition 4 names the use; a certificate for the vehicle's side (ISO 15118) is none that we sign.
      const use = Object.hasOwn(request, 'typeOfCertificate') ? (request as { typeOfCertificate?: unknown }).typeOfCertificate : undefined;
      const refusal = use === undefined || use === 'ChargingStationCertificate' ? await refusalOf(request.csr, context) : 'only certificates for the connection to us are signed here';
      if (refusal === null) return { status: 'Accepted' };
      await context.stations.securityEvent(context.source.tenantId, {
        stationId: context.source.stationId, identity: context.station.identity, kind: 'signing-request-refused', detail: refusal, at: context.source.receivedAt,
      });
      return { status: 'Rejected' };
    },
  },
} satisfies ProfileTable<'ocpp1.6'>;

/** Stores a good request and says null, or says why it is refused. */
async function refusalOf(csrPem: string, { certificates, source, station }: Pick<HandlerContext, 'certificates' | 'source' | 'station'>): Promise<string | null> {
  const read = await readSigningRequest(csrPem);
  if (read === null) return 'it is no certificate signing request, is too long, or is not signed by its own key';
  const trust = await certificates.trust(source.tenantId);
  if (trust === null) return 'this tenant has no authority that could sign';
  const refusal = refusalOfRequest(read, { identity: station.identity, operatorName: trust.operatorName });
  if (refusal !== null) return refusal;
  switch (await certificates.requestSigning(source, { csrPem, csrSha256: read.sha256 })) {
    case 'accepted': return null;
    case 'too-many': return 'the station asks for more certificates a day than any station needs';
    case 'no-authority': return 'this tenant has no authority that could sign';
    case 'key-reused': return 'a renewal needs a new key';
  }
}
