import { fileBytesMax } from '@csms/contracts/http/files';
import { NamedStationFileParams, StationFileParams } from '@csms/contracts/http/station-files';
import { beginFetch, firmwareAddress, firmwareFetched } from '@csms/store/firmware/updates';
import { inTenant } from '@csms/store/in-tenant';
import { FileTooLarge } from '@csms/store/uploads/file-store';
import { isSecretOf } from '@csms/store/uploads/secret-address';
import { beginUpload, endUpload, uploadNonce } from '@csms/store/uploads/station-uploads';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Api, ApiParts } from '../api-parts.ts';
import { fileOf, withRawBodies } from '../files/raw-bodies.ts';
import { safeFileName } from '../files/station-address.ts';
import { wholeStream } from '../files/whole-stream.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const uploadDescription = 'For stations: the address itself is what allows it. It takes one file, for an hour at most; a file that does not come whole is none, and may be tried again.';

/**
 * What stations fetch and bring. They have no access token: the address of each file holds a secret of its own, and names the tenant whose secret that is.
 * A wrong secret, another tenant's and a file that does not exist are the same answer.
 */
export function stationFileRoutes(app: Api, parts: ApiParts): void {
  const { pool, pepper, files } = parts;

  const receive = async (request: FastifyRequest, { tenant, id, secret }: z.infer<typeof StationFileParams>, name: string | null): Promise<void> => {
    const file = fileOf(request, { mayBeEmpty: true });
    const fileId = await inTenant(pool, tenant, async (db) => {
      const nonce = found(await uploadNonce(db, id));
      if (!isSecretOf(pepper, { tenantId: tenant, id, nonce }, secret)) throw new ApiProblem('not-found');
      const begun = await beginUpload(db, id, parts.now());
      if (begun === null) throw new ApiProblem('address-over');
      return begun;
    });
    const end = (...what: [Parameters<typeof endUpload>[3], string?]): Promise<boolean> => inTenant(pool, tenant, (db) => endUpload(db, { id, fileId }, parts.now(), ...what));
    let made: { sizeBytes: number; sha256: string };
    try {
      made = await files.store.put(`${tenant}/${fileId}`, file, { bytesMax: fileBytesMax });
    } catch (cause) {
      const problem = cause instanceof FileTooLarge ? 'file-too-large' : file.complete ? 'files-unavailable' : 'file-incomplete';
      await end(null, problem);
      throw new ApiProblem(problem, { cause });
    }
    if (await end({ name: safeFileName(name ?? '', `${id}.bin`), ...made })) return;
    await files.store.delete(`${tenant}/${fileId}`);
    throw new ApiProblem('address-over');
  };

  withRawBodies(app, (scope) => {
    scope.route({
      ...at('PUT', '/station-uploads/:tenant/:id/:secret'), bodyLimit: fileBytesMax,
      schema: { summary: 'A station brings a file', description: uploadDescription, tags: ['station-files'], params: StationFileParams, querystring: NoQuery },
      async handler(request, reply) { await receive(request, request.params, null); return reply.code(201).send(); },
    });
    scope.route({
      ...at('PUT', '/station-uploads/:tenant/:id/:secret/:name'), bodyLimit: fileBytesMax,
      schema: { summary: 'A station brings a file under a name of its own', description: uploadDescription, tags: ['station-files'], params: NamedStationFileParams, querystring: NoQuery },
      async handler(request, reply) { await receive(request, request.params, request.params.name); return reply.code(201).send(); },
    });
  });

  app.route({
    ...at('GET', '/station-firmware/:tenant/:id/:secret/:name'),
    schema: { summary: 'A station fetches its firmware', description: 'For stations: the address itself is what allows it. One station\'s, for an hour at most, while its update is on its way, and 20 times at most.', tags: ['station-files'], params: NamedStationFileParams, querystring: NoQuery },
    async handler(request, reply) {
      const { tenant, id, secret } = request.params;
      const firmware = found(await inTenant(pool, tenant, (db) => firmwareAddress(db, id, parts.now())));
      if (!isSecretOf(pepper, { tenantId: tenant, id, nonce: firmware.nonce }, secret)) throw new ApiProblem('not-found');
      const content = await files.store.get(`${tenant}/${firmware.fileId}`);
      if (content === null) throw new ApiProblem('files-unavailable');
      if (!(await inTenant(pool, tenant, (db) => beginFetch(db, id)))) { content.destroy(); throw new ApiProblem('address-over'); }
      const whole = wholeStream(firmware.sha256, () => inTenant(pool, tenant, (db) => firmwareFetched(db, id, parts.now())));
      content.on('error', (error) => whole.destroy(error));
      whole.on('error', (err) => { content.destroy(); request.log.error({ event: 'firmware_not_served', err, updateId: id }, 'a firmware file could not be served whole'); });
      whole.on('close', () => content.destroy());
      return reply.header('content-type', 'application/octet-stream').header('content-length', firmware.sizeBytes).send(content.pipe(whole));
    },
  });
}
