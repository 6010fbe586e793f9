import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { AccountBook, KeptAccount } from './account-book.ts';
import type { Client } from './accounts.ts';

const TenantRole = z.enum(['viewer', 'operator', 'admin']);
const Invite = z.object({ username: z.string().regex(/^[a-z0-9._-]{1,40}@[a-z0-9-]{1,63}$/), name: z.string().min(1).max(100), email: z.string().nullable(), tenant: z.string(), role: TenantRole }).strict();
const RoleChange = z.object({ role: TenantRole }).strict();
const bodyBytesMax = 16_384;

/**
 * The accounts of this issuer for the API, under /people: what Keycloak's admin API is in a cluster. Only for who has the secret of the client `csms-api`.
 * GET /people?tenant=, POST /people, GET|PATCH|DELETE /people/<username>, POST /people/<username>/end-sessions.
 */
export function peopleServer(parts: { book: AccountBook; clients: Client[]; endSessions: (username: string) => void }): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { book } = parts;
  // A program that signs in is an account too: whoever rechecks one must find it.
  const programs = new Map(parts.clients.filter((client) => client.grant === 'platform' || client.grant === 'chosen').map((client) => [client.clientId, client]));
  const api = parts.clients.find((client) => client.grant === 'directory');

  return async (request, response) => {
    const answer = (status: number, body: unknown): void => { response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body)); };
    try {
      if (!api || !isBasic(request.headers.authorization, api)) { answer(401, { error: 'not for you' }); return; }
      const url = new URL(request.url ?? '/', 'http://localhost');
      const [, , name, action] = url.pathname.split('/').map(decodeURIComponent);
      if (name === undefined) {
        if (request.method === 'GET') { answer(200, book.list(url.searchParams.get('tenant') ?? '').map(shownOf)); return; }
        const { username, ...person } = Invite.parse(await readBody(request));
        const temporaryPassword = randomBytes(9).toString('base64url');
        if (!book.add({ username, ...person }, temporaryPassword)) { answer(409, { error: 'taken' }); return; }
        answer(201, { person: shownOf({ username, ...person }), temporaryPassword });
        return;
      }
      const program = programs.get(name);
      const account = book.find(name);
      if (request.method === 'GET' && program) { answer(200, { username: name, name, email: null, tenant: null, role: 'platform', isProgram: true, mayBeAnybody: program.grant === 'chosen' }); return; }
      if (!account) { answer(404, { error: 'nobody' }); return; }
      if (request.method === 'POST' && action === 'end-sessions') parts.endSessions(name);
      else if (request.method === 'PATCH') book.setRole(name, RoleChange.parse(await readBody(request)).role);
      else if (request.method === 'DELETE') { book.remove(name); parts.endSessions(name); }
      answer(200, shownOf(book.find(name) ?? account));
    } catch (error) {
      answer(error instanceof z.ZodError || error instanceof SyntaxError ? 400 : 500, { error: 'cannot be done' });
    }
  };
}

function shownOf({ username, name, email, tenant, role }: KeptAccount): Record<string, unknown> {
  return { username, name, email, tenant, role, isProgram: false, mayBeAnybody: false };
}

function isBasic(header: string | undefined, client: Client): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (bytes > bodyBytesMax) throw new SyntaxError('too long');
    chunks.push(part);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
