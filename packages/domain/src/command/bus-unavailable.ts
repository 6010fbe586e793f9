/**
 * The bus cannot be asked now. Whoever meets it goes on without: sockets stay, calls are answered, commands wait in the ledger.
 * Every call of a Bus rejects with this, and with nothing else, within half a second.
 */
export class BusUnavailable extends Error {
  override name = 'BusUnavailable';

  constructor(operation: string, cause?: unknown) {
    super(`the bus could not do ${operation}${cause instanceof Error ? `: ${cause.message}` : ''}`, { cause });
  }
}
