import { IdParams, PageQuery } from '@csms/contracts/http/common';
import { CredentialQuery, KnockingPage, Station, StationCreate, StationCreated, StationListQuery, StationPage } from '@csms/contracts/http/stations';
import { inTenant } from '@csms/store/in-tenant';
import { knockingKey, listKnocking, listStations, readSite, readStation, stationKey } from '@csms/store/read-models/index';
import type { SecurityProfile } from '@csms/domain';
import { registerStation, rotateCredential } from '@csms/store/register';
import { readStationSecurity, siteSecurityProfile } from '@csms/store/station-security';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf, announce } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export function stationRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;
  const credentialOf = (tenant: string, { identity, securityProfile }: Pick<Station, 'identity' | 'securityProfile'>, password: string) =>
    ({ username: identity, password, url: `${(securityProfile < 2 ? parts.ocppEndpoint : parts.ocppsEndpoint ?? parts.ocppEndpoint).replace(/\/+$/, '')}/${encodeURIComponent(tenant)}/${encodeURIComponent(identity)}` });

  app.route({
    ...at('GET', '/stations'), schema: { summary: 'Stations', tags: ['stations'], querystring: StationListQuery, response: { 200: StationPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listStations(db, pageRequest({ cursor, limit }, stationKey), filter)));
    },
  });

  app.route({
    ...at('POST', '/stations'),
    schema: { summary: 'Register a station', description: 'The password is made here, shown in this answer and never again.', tags: ['stations'], querystring: NoQuery, body: StationCreate, response: { 201: StationCreated } },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const { siteId, identity, displayName = null } = request.body;
      const asked = request.body.securityProfile as SecurityProfile | undefined;
      if (parts.mode !== 'lab' && asked !== undefined && asked < 2) throw new ApiProblem('security-profile-refused');
      const made = await inTenant(pool, tenant, async (client) => {
        found(await readSite(client, siteId));
        const securityProfile = asked ?? (parts.mode === 'lab' ? 1 : await siteSecurityProfile(client, siteId));
        const { id, password } = await registerStation(client, { siteId, identity, displayName, securityProfile }, parts.pepper, actorOf(principalOf(request), parts.now()));
        return { station: found(await readStation(client, id)), password };
      });
      announce(parts, tenant);
      return reply.code(201).send({ station: made.station, credential: credentialOf(tenant, made.station, made.password) });
    },
  });

  app.route({
    ...at('GET', '/stations/knocking'), schema: { summary: 'Who asked to come in and was refused', tags: ['stations'], querystring: PageQuery, response: { 200: KnockingPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listKnocking(db, pageRequest(request.query, knockingKey)))),
  });

  app.route({
    ...at('GET', '/stations/:id'), schema: { summary: 'One station', tags: ['stations'], params: IdParams, querystring: NoQuery, response: { 200: Station } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readStation(db, request.params.id))),
  });

  app.route({
    ...at('POST', '/stations/:id/credential'),
    schema: { summary: 'A new password for a station', description: 'The old one stays valid until the new one is used for the first time. While a new one is unused there is no second one, unless `replace` says so: whoever carries the first one to the station must not be locked out.', tags: ['stations'], params: IdParams, querystring: CredentialQuery, response: { 200: StationCreated } },
    async handler(request) {
      const tenant = tenantOf(request);
      return inTenant(pool, tenant, async (client) => {
        const station = found(await readStation(client, request.params.id));
        if (!request.query.replace && found(await readStationSecurity(client, station.id)).credentialOnItsWay !== null) throw new ApiProblem('credential-on-its-way');
        const password = found(await rotateCredential(client, station.id, parts.pepper, actorOf(principalOf(request), parts.now())));
        return { station, credential: credentialOf(tenant, station, password) };
      });
    },
  });
}
