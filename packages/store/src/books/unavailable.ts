import { BooksUnavailable } from '@csms/domain/station/books-unavailable';

/** Classes of SQLSTATE that say the server, not the statement: connection, resources, operator's hand, disk (PostgreSQL, appendix A). */
const serverClasses = ['08', '53', '57', '58'];

/** Turns an error of the server or of the way to it into BooksUnavailable; an error about the statement stays what it is. */
export function asUnavailable(operation: string, error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return isConnectionError(error) ? new BooksUnavailable(operation, error) : error;
  if (/^E[A-Z]+$/.test(code)) return new BooksUnavailable(operation, error);
  return code.length === 5 && serverClasses.includes(code.slice(0, 2)) ? new BooksUnavailable(operation, error) : error;
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout/.test(error.message);
}
