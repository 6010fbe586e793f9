/** A call that is answered with this CALLERROR; the station did something else than the standard says, and nothing here failed. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
  /** A code of the session's dialect. */
  readonly code: string;
  /** A word for the counters: a schema keyword, or what else was held against it. */
  readonly kind: string;

  constructor(given: { code: string; description: string; kind: string }) {
    super(given.description);
    this.code = given.code;
    this.kind = given.kind;
  }
}
