import type { ChargingSiteStatus } from '@csms/contracts/charging-site/index';
import { expect, it } from 'vitest';
import { announce } from './announce.ts';

const site = { apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'a', namespace: 'pln' } };
const said = (...conditions: [type: string, status: 'True' | 'False' | 'Unknown', reason: string][]): ChargingSiteStatus => ({
  conditions: conditions.map(([type, status, reason]) => ({ type, status, reason, message: 'What is said.', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 })),
});
function told(before: ChargingSiteStatus | undefined, after: ChargingSiteStatus): string[] {
  const happenings: string[] = [];
  announce({ record: (_about, { type, reason }) => void happenings.push(`${type} ${reason}`) }, site, before, after);
  return happenings;
}

it('a new site tells what went wrong and what becomes ready, not what is merely not there yet', () => {
  const first = said(['Ready', 'False', 'ComponentNotReady'], ['BooksReady', 'Unknown', 'BooksPending'], ['GatewayAvailable', 'False', 'NameConflict'], ['DashboardAvailable', 'False', 'DashboardMissing'], ['TrainerScheduled', 'True', 'TrainersScheduled']);
  expect(told(undefined, first)).toEqual(['Warning NameConflict']);
  const then = said(['Ready', 'True', 'AllComponentsReady'], ['BooksReady', 'True', 'BooksWritten'], ['GatewayAvailable', 'True', 'GatewaysReady'], ['DashboardAvailable', 'True', 'DashboardReady'], ['TrainerScheduled', 'True', 'TrainersScheduled']);
  expect(told(first, then)).toEqual(['Normal AllComponentsReady', 'Normal BooksWritten', 'Normal GatewaysReady', 'Normal DashboardReady']);
  expect(told(then, then)).toEqual([]);
  expect(told(then, said(['Ready', 'False', 'ComponentNotReady'], ['BooksReady', 'False', 'BooksUnreachable']))).toEqual(['Normal ComponentNotReady', 'Warning BooksUnreachable']);
});
