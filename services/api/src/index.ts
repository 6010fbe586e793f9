export { buildApp } from './app.ts';
export type { Api, ApiParts } from './api-parts.ts';
export { createTokenVerifier } from './access/verify-token.ts';
export { problemTable, type ProblemCode } from './problems/table.ts';
export { settings } from './settings.ts';
