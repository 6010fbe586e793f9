import {
  CertificateAuthorityPage, CertificateListQuery, CertificateRevocation, DeleteInstalledCertificate, InstallCertificate, InstalledCertificatePage, ListInstalledCertificates,
  SigningRequestListQuery, SigningRequestPage, StationCertificate, StationCertificatePage,
} from '@csms/contracts/http/certificates';
import { Command } from '@csms/contracts/http/commands';
import { IdParams, PageQuery } from '@csms/contracts/http/common';
import type { StationCommand } from '@csms/domain';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { revokeCertificate } from '@csms/store/certificates/revocation-rows';
import { inTenant } from '@csms/store/in-tenant';
import { authorityKey, certificateKey, installedKey, listAuthorities, listCertificates, listInstalledCertificates, listSigningRequests, readCertificateRow } from '@csms/store/read-models/certificates';
import { readCommand, readStation } from '@csms/store/read-models/index';
import type { FastifyRequest } from 'fastify';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { askStation } from '../ask-station.ts';
import { actorOf, announce } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** How long a station has to answer. */
const timeoutMs = 30_000;

/** Certificates of stations, whom a tenant believes, and what stations have installed (security whitepaper, A02, M03 to M05). */
export function certificateRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/certificates'), schema: { summary: 'Certificates of stations, newest first', tags: ['certificates'], querystring: CertificateListQuery, response: { 200: StationCertificatePage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listCertificates(db, pageRequest({ cursor, limit }, certificateKey), filter, parts.now())));
    },
  });

  app.route({
    ...at('GET', '/certificates/:id'), schema: { summary: 'One certificate of a station', tags: ['certificates'], params: IdParams, querystring: NoQuery, response: { 200: StationCertificate } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readCertificateRow(db, request.params.id, parts.now()))),
  });

  app.route({
    ...at('POST', '/certificates/:id/revocation'),
    schema: {
      summary: 'Revoke a certificate', tags: ['certificates'], params: IdParams, querystring: NoQuery, body: CertificateRevocation, response: { 200: StationCertificate },
      description: 'Nobody comes in with it from now on, and a socket that it opened is closed within minutes. There is no way back.',
    },
    async handler(request) {
      const tenant = tenantOf(request);
      const shown = await inTenant(pool, tenant, async (client) => {
        found(await revokeCertificate(client, request.params.id, request.body.reason ?? null, actorOf(principalOf(request), parts.now())));
        return found(await readCertificateRow(client, request.params.id, parts.now()));
      });
      announce(parts, tenant);
      return shown;
    },
  });

  app.route({
    ...at('GET', '/signing-requests'), schema: { summary: 'What stations asked to have signed, latest first', tags: ['certificates'], querystring: SigningRequestListQuery, response: { 200: SigningRequestPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listSigningRequests(db, pageRequest({ cursor, limit }, certificateKey), filter)));
    },
  });

  app.route({
    ...at('GET', '/certificate-authorities'), schema: { summary: 'Whose signature stations may come in with', tags: ['certificates'], querystring: PageQuery, response: { 200: CertificateAuthorityPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listAuthorities(db, pageRequest(request.query, authorityKey)))),
  });

  app.route({
    ...at('GET', '/stations/:id/installed-certificates'),
    schema: { summary: 'Roots that a station has, as it said last', tags: ['certificates'], params: IdParams, querystring: PageQuery, response: { 200: InstalledCertificatePage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), async (db) => {
      const { id } = found(await readStation(db, request.params.id));
      return listInstalledCertificates(db, pageRequest(request.query, installedKey), id);
    })),
  });

  app.route({
    ...at('POST', '/stations/:id/installed-certificates'),
    schema: { summary: 'Install a root on a station', description: 'Waits for the station\'s answer: read `state`.', tags: ['certificates'], params: IdParams, querystring: NoQuery, body: InstallCertificate, response: { 200: Command } },
    async handler(request) {
      const { use, certificatePem } = request.body;
      const certificate = readCertificate(certificatePem);
      if (certificate === null) throw new ApiProblem('invalid-request', { errors: [{ path: 'body.certificatePem', message: 'is no certificate in PEM' }] });
      // As it is read, so that nothing which follows the certificate is sent with it.
      return ask(request, request.params.id, { action: 'install-certificate', use, pem: certificate.pem });
    },
  });

  app.route({
    ...at('POST', '/stations/:id/installed-certificates/list'),
    schema: { summary: 'Ask a station which roots it has', description: 'Waits for the station\'s answer; the list is then what it said.', tags: ['certificates'], params: IdParams, querystring: NoQuery, body: ListInstalledCertificates, response: { 200: Command } },
    handler: async (request) => ask(request, request.params.id, { action: 'get-installed-certificate-ids', use: request.body.use }),
  });

  app.route({
    ...at('POST', '/stations/:id/installed-certificates/deletion'),
    schema: { summary: 'Delete a root from a station', description: 'Waits for the station\'s answer. A station refuses to delete the one that its connection stands on.', tags: ['certificates'], params: IdParams, querystring: NoQuery, body: DeleteInstalledCertificate, response: { 200: Command } },
    handler: async (request) => ask(request, request.params.id, { action: 'delete-certificate', hash: request.body.hash }),
  });

  async function ask(request: FastifyRequest, stationId: string, command: StationCommand) {
    const tenant = tenantOf(request);
    const { id } = found(await inTenant(pool, tenant, (db) => readStation(db, stationId)));
    const record = await askStation(parts, { tenant, stationId: id, command, createdBy: actorOf(principalOf(request), parts.now()).name, timeoutMs });
    return found(await inTenant(pool, tenant, (db) => readCommand(db, record.id)));
  }
}
