import { createLogger } from '@csms/kit';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { buildApp } from '../app.ts';
import { apiPage } from './api-page.ts';
import { errorsPage } from './errors-page.ts';

/* Prints docs/reference/{api,errors}.md. The routes describe themselves, so the app is put together; nothing of it is ever asked. */
const unused = (): never => { throw new Error('nobody asks the printed app'); };
const app = await buildApp({
  pool: new pg.Pool(), verify: unused, ledger: { create: unused, get: unused, settle: unused }, bus: { ownerOf: unused, send: unused, wake: unused, onWake: async () => async () => undefined, countInWindow: unused }, people: null,
  replies: { name: '', waitForReply: unused }, now: unused, newId: unused, mode: 'lab', pepper: '', cards: { reference: unused, spellings: unused, seal: unused, open: unused, isCurrent: unused }, ocppEndpoint: 'ws://127.0.0.1/ocpp', lab: null, corsOrigins: [], trustedProxies: [],
  files: { store: { put: unused, get: unused, delete: unused, forgetDrafts: unused }, stationUrl: '' },
  limits: { perToken: 1, perAddress: 1 }, log: createLogger('api', 'silent'),
});
await app.ready();
const folder = fileURLToPath(new URL('../../../../docs/reference/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}errors.md`, errorsPage());
writeFileSync(`${folder}api.md`, apiPage(app.swagger()));
await app.close();
