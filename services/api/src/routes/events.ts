import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { openPlaces } from '../live/places.ts';
import type { TenantStreams } from '../live/tenant-streams.ts';
import { ApiProblem } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const heartbeatMs = 10_000;
/** A reader that fell this far behind is cut off; it comes back with its last event id. */
const unreadBytesMax = 1_048_576;
/** Ids are a bigint of the books. */
const eventIdMax = 2n ** 63n - 1n;

const ResumeHeaders = z.object({ 'last-event-id': z.string().optional().describe('the id of the last event that was seen: the stream goes on after it') });

/**
 * What changes, as it changes: server-sent events of the caller's tenant. A comment every 10 s says that the line is alive; the stream ends with
 * its token.
 */
export function eventRoutes(app: Api, parts: ApiParts & { streams: TenantStreams }): void {
  const takePlace = openPlaces({ perHolder: 20, perTenant: 200 });
  app.route({
    ...at('GET', '/events'),
    schema: {
      summary: 'Live events', tags: ['events'], querystring: NoQuery, headers: ResumeHeaders, produces: ['text/event-stream'],
      description: 'text/event-stream. `event: change` carries a LiveEvent; `event: resync` says that what was missed is no longer known: read everything anew.',
    },
    async handler(request, reply) {
      // A page of somebody else must not listen with a token it was handed; programs send no Origin.
      const { origin } = request.headers;
      if (origin !== undefined && !parts.corsOrigins.includes(origin)) throw new ApiProblem('origin-refused');
      const tenant = tenantOf(request);
      const asked = request.headers['last-event-id'];
      const lastEventId = asked !== undefined && /^\d{1,19}$/.test(asked) && BigInt(asked) <= eventIdMax ? asked : null;

      const place = takePlace(tenant, principalOf(request).subject);
      let opened = false;
      const early: string[] = [];
      const write = (text: string): void => {
        if (!opened) { early.push(text); return; }
        if (!reply.raw.write(text) && reply.raw.writableLength > unreadBytesMax) reply.raw.destroy();
      };
      if (asked !== undefined && lastEventId === null) write('event: resync\ndata: {}\n\n');
      const { afterId, leave } = await parts.streams.listen(tenant, lastEventId, {
        onEvents: (events) => write(events.map((event) => `id: ${event.id}\nevent: change\ndata: ${JSON.stringify(event)}\n\n`).join('')),
        onResync: (id) => write(`id: ${id}\nevent: resync\ndata: {}\n\n`),
      }).catch((error: unknown) => { place.leave(); throw error; });
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      opened = true;
      // The id alone, so that a reader who has seen nothing yet comes back to here.
      write(`: open\nid: ${afterId}\n\n${early.join('')}`);
      const heartbeat = setInterval(() => write(': alive\n\n'), heartbeatMs);
      const untilEndMs = Math.min(Math.max(0, principalOf(request).expiresAtMs - parts.now().getTime()), 2 ** 31 - 1);
      const end = setTimeout(() => reply.raw.end(), untilEndMs);
      const stop = (): void => { clearInterval(heartbeat); clearTimeout(end); leave(); place.leave(); };
      if (reply.raw.destroyed) stop();
      else reply.raw.once('close', stop);
    },
  });
}
