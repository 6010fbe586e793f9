import { readFileSync } from 'node:fs';
import { actions, ocppVersions } from '@csms/ocpp';
import { expect, it } from 'vitest';
import { inboundHandlers } from './inbound.ts';
import { supportPage } from './support-page.ts';

it('the page of what is supported is the one that the tables print', () => {
  expect(readFileSync(new URL('../../../../docs/reference/ocpp-support.md', import.meta.url), 'utf8')).toBe(supportPage());
});

it.each(ocppVersions)('%s: every action that passes validation has a handler, and no other', (version) => {
  expect([...inboundHandlers(version).keys()].sort()).toEqual([...actions[version].fromStation].sort());
});
