/**
 * The books cannot be asked now: no connection, a server that is starting or stopping, a statement that took too long. Whoever meets it may try
 * again with the same fact; any other error of a book is about the fact itself and stays.
 */
export class BooksUnavailable extends Error {
  override name = 'BooksUnavailable';

  constructor(operation: string, cause?: unknown) {
    super(`the books could not do ${operation}${cause instanceof Error ? `: ${cause.message}` : ''}`, { cause });
  }
}
