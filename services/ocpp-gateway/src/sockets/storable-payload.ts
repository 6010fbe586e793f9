/** jsonb and our own evidence are walked by recursion; no message of OCPP is a tenth as deep. */
const depthMax = 64;
const int4Max = 2 ** 31 - 1;

/**
 * Makes a valid payload one that the books can hold, in place: U+0000 is dropped and half a surrogate pair becomes U+FFFD, because PostgreSQL has
 * neither and the fact would be refused for ever. Returns null, or why the payload is refused: a connector, EVSE or sequence number beyond what the
 * books count, a transaction without an id, or endless nesting. `frameText` is the frame as it came: JSON can say those two characters only by an
 * escape (RFC 8259, section 7; a text message is UTF-8), so a frame without one is not walked, which is nearly every frame.
 */
export function storablePayload(payload: Record<string, unknown>, frameText: string): string | null {
  if (frameText.includes('\\u') && !cleaned(payload, 0)) return 'the payload is nested too deep';
  const { connectorId, evseId, seqNo, evse, transactionInfo } = payload;
  if (outOfRange(connectorId)) return 'connectorId is out of range';
  if (outOfRange(evseId)) return 'evseId is out of range';
  if (outOfRange(seqNo)) return 'seqNo is out of range';
  if (outOfRange(fieldOf(evse, 'id'))) return 'evse/id is out of range';
  if (outOfRange(fieldOf(evse, 'connectorId'))) return 'evse/connectorId is out of range';
  return fieldOf(transactionInfo, 'transactionId') === '' ? 'transactionInfo/transactionId must not be empty' : null;
}

/** The answer of a station as the books can hold it; what cannot be walked becomes null. A new value, unless there was nothing to mend. */
export function storableAnswer(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null || !/\\u(?:0000|[dD][89a-fA-F])/.test(JSON.stringify(value))) return value;
  const copy = structuredClone(value);
  return cleaned(copy, 0) ? copy : null;
}

/** A text without what PostgreSQL cannot hold. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}

function outOfRange(value: unknown): boolean {
  return typeof value === 'number' && !(value >= 0 && value <= int4Max);
}

/** False where it is nested too deep. A name is not shortened but marked, so that it never becomes one that the schema knows. */
function cleaned(node: object, depth: number): boolean {
  if (depth > depthMax) return false;
  const fields = node as Record<string, unknown>;
  for (const given of Object.keys(node)) {
    const value = fields[given];
    const name = given.toWellFormed().replaceAll('\u0000', '\ufffd');
    if (name !== given) delete fields[given];
    const clean = typeof value === 'string' ? storableText(value) : value;
    if (name !== given || clean !== value) fields[name] = clean;
    if (typeof value === 'object' && value !== null && !cleaned(value, depth + 1)) return false;
  }
  return true;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
