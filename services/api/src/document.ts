import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, type ZodTypeProvider } from 'fastify-type-provider-zod';

/** The description of the API, made from the routes' own schemas, and the page to read it. */
export async function useApiDocument(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Charge-IT CSMS', version: '1',
        description: 'Lists page by cursor. Times are RFC 3339 UTC, money is integer minor units of its currency, energy is Wh, power is W. Errors are RFC 9457 problem documents with a stable `code` (docs/reference/errors.md).',
      },
      components: { securitySchemes: { oidc: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      security: [{ oidc: [] }],
    },
    transform: (input) => {
      const { role, staffToo } = input.route.config ?? {};
      const made = jsonSchemaTransform(input);
      // The prototype's paths at the root are those under /api/v1 once more.
      if (!input.url.startsWith('/api/v1/')) return { ...made, schema: { ...made.schema, hide: true } };
      const asks = role === undefined || role === 'public' ? '' : `Role: ${role}${staffToo === true ? ' (or platform)' : ''}.`;
      return { ...made, schema: { ...made.schema, description: [made.schema.description, asks].filter(Boolean).join(' ') } };
    },
  });
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'", uiConfig: { url: '/api/v1/openapi.json' } });
  app.withTypeProvider<ZodTypeProvider>().get('/api/v1/openapi.json', { schema: { hide: true } }, async (_request, reply) => reply.header('cache-control', 'public, max-age=60').send(app.swagger()));
}

