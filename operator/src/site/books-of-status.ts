import type { ChargingSiteStatus } from '@csms/contracts/charging-site/schema';
import type { Books, BooksFacts } from './status.ts';

/**
 * What the books said last, read back from the status that was made of it. A process that begins has not asked them yet; without this it would
 * take a pool for one without stations, and the status for unknown.
 */
export function booksOfStatus(status: ChargingSiteStatus | undefined): Books {
  const condition = status?.conditions?.find(({ type }) => type === 'BooksReady');
  const facts = factsOf(status);
  switch (condition?.reason) {
    case 'BooksWritten': return facts === undefined ? { state: 'pending' } : { state: 'written', facts };
    case 'BooksUnreachable': return { state: 'unreachable', message: condition.message, ...(facts === undefined ? {} : { facts }) };
    case 'BooksRefused': return { state: 'refused', message: condition.message, ...(facts === undefined ? {} : { facts }) };
    case 'BooksCleanupPending': return { state: 'cleanup', message: condition.message, ...(facts === undefined ? {} : { facts }) };
    default: return { state: 'pending' };
  }
}

function factsOf(status: ChargingSiteStatus | undefined): BooksFacts | undefined {
  const { stations, connectedStations } = status?.gateway ?? {};
  const { status: trainingStatus, lastSuccess = null, model } = status?.training ?? {};
  if (stations === undefined || connectedStations === undefined || trainingStatus === undefined) return undefined;
  return { stations, connectedStations, training: { lastSuccess, status: trainingStatus, model: model === undefined ? null : { kind: model.kind, rmse: model.rmse ?? null, skill: model.skill ?? null } } };
}
