import { routes, type RouteEntry } from '@csms/contracts/http/routes';
import { prototypeRoutes } from '@csms/contracts/http/legacy';
import { z } from 'zod';

const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.object({ summary: z.string(), description: z.string().optional() }))) });

/** docs/reference/api.md, printed from the table of routes and from what the routes say of themselves in the OpenAPI document. Throws when a route has no summary. */
export function apiPage(openapi: unknown): string {
  const { paths } = Document.parse(openapi);
  const row = (route: RouteEntry): string => {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const said = paths[`/api/v1${path}`]?.[route.method.toLowerCase()];
    if (!said) throw new Error(`${route.method} ${route.path} is not described`);
    const role = `${route.role}${route.staffToo === true ? ', platform' : ''}`;
    const more = (said.description ?? '').replace(/ ?Role: [^.]*\.$/, '');
    return `| ${route.method} | \`${path}\` | ${role} | ${said.summary}${more === '' ? '' : `. ${more}`}${route.labOnly === true ? ' (lab mode alone)' : ''} |`;
  };
  return `# Routes of the API

Printed from \`packages/contracts/src/http\` and the routes themselves by \`npm run golden\`; do not edit. All paths are under \`/api/v1\`; the OpenAPI
document is at \`/api/v1/openapi.json\`, a page to read it at \`/api/docs\`.

- A caller brings \`Authorization: Bearer <access token>\` of the OIDC issuer. Its claim \`tenant\` says whose books are meant; nothing else does.
- Roles of a tenant rise viewer < operator < admin. \`platform\` is staff of the platform, who have no tenant and see no tenant's data.
- Lists take \`limit\` (at most 500) and \`cursor\`, and answer \`items\` and \`nextCursor\`, which is null on the last page.
- Unknown fields and parameters are refused. Times are RFC 3339 UTC, money is integer minor units, energy is Wh, power is W.
- Errors are in [errors.md](errors.md).

| method | path | role | |
|---|---|---|---|
${routes.map(row).join('\n')}

## Paths of the prototype

Kept as aliases in the shapes that its pages read, under \`/api/v1\` and at the root (\`/predict/availability\`, \`/cps\`, ...), with the same tokens; answered from the same books, or by a 501 that names the model that is missing.

| method | path | role | |
|---|---|---|---|
${prototypeRoutes.map(row).join('\n')}
`;
}
