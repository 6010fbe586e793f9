import { FactRefused } from '@csms/domain/station/fact-refused';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';

/** Classes of SQLSTATE that say the server, not the statement: connection, resources, operator's hand, disk (PostgreSQL, appendix A). */
const serverClasses = ['08', '53', '57', '58'];

/** idle_in_transaction_session_timeout: this process stood still for too long in a transaction, and the server has ended it. */
const stoodStill = '25P03';

/** Classes that say that the data is at fault and will be again: values, constraints, sizes. */
const dataClasses = ['22', '23', '54'];

/** Turns an error of the server or of the way to it into BooksUnavailable and one about the data into FactRefused; any other error stays what it is. */
export function asUnavailable(operation: string, error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return isConnectionError(error) ? new BooksUnavailable(operation, error) : error;
  if (/^E[A-Z]+$/.test(code)) return new BooksUnavailable(operation, error);
  if (code.length !== 5 || error instanceof FactRefused) return error;
  if (code === stoodStill || serverClasses.includes(code.slice(0, 2))) return new BooksUnavailable(operation, error);
  return dataClasses.includes(code.slice(0, 2)) ? new FactRefused(`the books cannot hold what ${operation} says`, code, error) : error;
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout/.test(error.message);
}
