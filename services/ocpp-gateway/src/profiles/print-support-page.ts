import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { supportPage } from './support-page.ts';

const folder = fileURLToPath(new URL('../../../../docs/reference/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}ocpp-support.md`, supportPage());
