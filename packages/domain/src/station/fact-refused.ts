/**
 * The books will never take this fact, however often it is sent: what it says cannot be stored or is beyond a limit. Whoever meets it tells the
 * station so, once, and keeps what was said as evidence; sending it again is of no use.
 */
export class FactRefused extends Error {
  override name = 'FactRefused';
  /** SQLSTATE, where the database said so. */
  readonly code: string | null;

  constructor(reason: string, code: string | null = null, cause?: unknown) {
    super(reason, { cause });
    this.code = code;
  }
}
