import { IdParams, PageQuery } from '@csms/contracts/http/common';
import { fileBytesMax } from '@csms/contracts/http/files';
import { Firmware, FirmwareCreate, FirmwarePage, FirmwareUpdate, FirmwareUpdateListQuery, FirmwareUpdatePage, UpdateCreate } from '@csms/contracts/http/firmware';
import { addFirmware, approveFirmware, firmwareStored, firmwareToFill, listFirmware, readFirmware, withdrawFirmware, type FirmwareActor } from '@csms/store/firmware/catalogue';
import { addUpdate, listUpdates, readUpdate } from '@csms/store/firmware/updates';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, readStation } from '@csms/store/read-models/index';
import { FileTooLarge } from '@csms/store/uploads/file-store';
import type { FastifyRequest } from 'fastify';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { readSigningCertificate, signatureVerifier } from '../files/firmware-signature.ts';
import { fileOf, withRawBodies } from '../files/raw-bodies.ts';
import { KeyHeader, keyOf } from '../idempotency-key.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** The catalogue of firmware, and updates of single stations. What goes to many is a rollout. */
export function firmwareRoutes(app: Api, parts: ApiParts): void {
  const { pool, files } = parts;
  const whoOf = (request: FastifyRequest): FirmwareActor => ({ ...actorOf(principalOf(request), parts.now()), subject: principalOf(request).subject });

  app.route({
    ...at('GET', '/firmware'), schema: { summary: 'The catalogue of firmware, latest first', tags: ['firmware'], querystring: PageQuery, response: { 200: FirmwarePage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listFirmware(db, pageRequest(request.query, byTimeKey)))),
  });
  app.route({
    ...at('GET', '/firmware/:id'), schema: { summary: 'One firmware', tags: ['firmware'], params: IdParams, querystring: NoQuery, response: { 200: Firmware } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readFirmware(db, request.params.id))),
  });

  app.route({
    ...at('POST', '/firmware'),
    schema: { summary: 'Enter firmware into the catalogue', description: 'The file follows by `PUT /firmware/:id/file`. Nothing goes to a station before it is approved.', tags: ['firmware'], querystring: NoQuery, body: FirmwareCreate, response: { 201: Firmware } },
    async handler(request, reply) {
      const { signature, signingCertificatePem: pem, ...rest } = request.body;
      const signer = pem === null ? null : readSigningCertificate(pem, parts.now());
      if (typeof signer === 'string') throw new ApiProblem('invalid-request', { errors: [{ path: 'body.signingCertificatePem', message: signer }] });
      const signed = signature === null || signer === null ? null : { signature, certificatePem: signer.pem, fingerprint: signer.fingerprint };
      const made = await inTenant(pool, tenantOf(request), async (client) => found(await readFirmware(client, await addFirmware(client, { ...rest, signed }, whoOf(request)))));
      return reply.code(201).send(made);
    },
  });

  withRawBodies(app, (scope) => {
    scope.route({
      ...at('PUT', '/firmware/:id/file'), bodyLimit: fileBytesMax,
      schema: {
        summary: 'The file of a firmware', tags: ['firmware'], params: IdParams, querystring: NoQuery, response: { 200: Firmware },
        description: 'Once. Its SHA-256 is taken as it comes, and its signature is verified. Approved at once only where the signing certificate is that of firmware which is approved already; otherwise a second person approves it.',
      },
      async handler(request) {
        const tenant = tenantOf(request);
        const firmware = found(await inTenant(pool, tenant, (db) => firmwareToFill(db, request.params.id)));
        if (firmware.state !== 'awaiting-file') throw new ApiProblem('wrong-state', { detail: 'this firmware has its file already' });
        const file = fileOf(request, { mayBeEmpty: false });
        const signer = firmware.certificatePem === null ? null : readSigningCertificate(firmware.certificatePem, parts.now());
        if (typeof signer === 'string') throw new ApiProblem('signature-wrong', { detail: signer });
        const verifier = signer === null || firmware.signature === null ? null : signatureVerifier(firmware.signature, signer);
        const fileId = parts.newId();
        const key = `${tenant}/${fileId}`;
        const made = await files.store.put(key, file, { bytesMax: fileBytesMax, ...(verifier === null ? {} : { alsoHear: verifier.hear }) }).catch((cause: unknown) => {
          throw new ApiProblem(cause instanceof FileTooLarge ? 'file-too-large' : file.complete ? 'files-unavailable' : 'file-incomplete', { cause });
        });
        const isOurs = (verifier === null || verifier.holds()) && await inTenant(pool, tenant, (client) => firmwareStored(client, request.params.id, { fileId, ...made }, whoOf(request)));
        if (!isOurs) {
          await files.store.delete(key);
          throw verifier !== null && (await inTenant(pool, tenant, (db) => firmwareToFill(db, request.params.id)))?.state === 'awaiting-file' ? new ApiProblem('signature-wrong') : new ApiProblem('wrong-state', { detail: 'this firmware has its file already' });
        }
        return found(await inTenant(pool, tenant, (db) => readFirmware(db, request.params.id)));
      },
    });
  });

  app.route({
    ...at('POST', '/firmware/:id/approve'),
    schema: { summary: 'A second person approves firmware', description: 'Never the one who entered it or brought its file.', tags: ['firmware'], params: IdParams, querystring: NoQuery, response: { 200: Firmware } },
    handler: (request) => inTenant(pool, tenantOf(request), async (client) => {
      const outcome = found(await approveFirmware(client, request.params.id, whoOf(request)));
      if (outcome === 'same-person') throw new ApiProblem('second-person-needed');
      if (outcome === 'not-waiting') throw new ApiProblem('wrong-state', { detail: 'this firmware does not wait for an approval' });
      return found(await readFirmware(client, request.params.id));
    }),
  });
  app.route({
    ...at('POST', '/firmware/:id/withdraw'),
    schema: { summary: 'Withdraw firmware: no station is asked for it any more', tags: ['firmware'], params: IdParams, querystring: NoQuery, response: { 200: Firmware } },
    handler: (request) => inTenant(pool, tenantOf(request), async (client) => {
      if ((await withdrawFirmware(client, request.params.id, whoOf(request))) === null && (await readFirmware(client, request.params.id)) !== null) throw new ApiProblem('wrong-state', { detail: 'this firmware was withdrawn before' });
      return found(await readFirmware(client, request.params.id));
    }),
  });

  app.route({
    ...at('POST', '/stations/:id/firmware'),
    schema: { summary: 'Bring firmware to one station', description: 'By SignedUpdateFirmware where it is signed and the station knows that, else by UpdateFirmware.', tags: ['firmware'], params: IdParams, querystring: NoQuery, headers: KeyHeader, body: UpdateCreate, response: { 202: FirmwareUpdate } },
    async handler(request, reply) {
      const made = await inTenant(pool, tenantOf(request), async (client) => {
        const station = found(await readStation(client, request.params.id));
        const firmware = found(await readFirmware(client, request.body.firmwareId));
        if (firmware.state !== 'approved') throw new ApiProblem('firmware-not-approved');
        if (!(sameWord(station.vendor, firmware.vendor) && sameWord(station.model, firmware.model))) throw new ApiProblem('firmware-does-not-fit', { detail: `it is for ${firmware.vendor} ${firmware.model}` });
        const added = await addUpdate(client, { firmwareId: firmware.id, stationId: station.id, timeoutS: request.body.updateTimeoutS, key: keyOf(request) }, whoOf(request));
        if (added === 'on-its-way') throw new ApiProblem('firmware-on-its-way', { detail: 'an update of this station to this firmware is not over' });
        if (added === 'key-reused') throw new ApiProblem('idempotency-key-reused');
        return found(await readUpdate(client, added.id));
      });
      return reply.code(202).send(made);
    },
  });
  app.route({
    ...at('GET', '/firmware/updates'), schema: { summary: 'Updates of stations, latest first', tags: ['firmware'], querystring: FirmwareUpdateListQuery, response: { 200: FirmwareUpdatePage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listUpdates(db, pageRequest({ cursor, limit }, byTimeKey), filter)));
    },
  });
}

const sameWord = (a: string | null, b: string): boolean => a !== null && a.toLowerCase() === b.toLowerCase();
