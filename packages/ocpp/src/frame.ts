/**
 * The OCPP-J frame: text to message and back (OCPP-J 1.6 chapter 4, OCPP 2.0.1 part 4 chapter 4).
 * Pure and total: whatever a charger writes, `decodeFrame` returns a value and never throws.
 */

/** A message id is a string in the text of the standard; some firmware sends a number, which is answered as the number it was (G-28). */
export type MessageId = string | number;

export interface CallFrame { kind: 'call'; id: MessageId; action: string; payload: Record<string, unknown> }
export interface ResultFrame { kind: 'result'; id: MessageId; payload: unknown }
export interface ErrorFrame { kind: 'error'; id: MessageId; code: string; description: string; details: Record<string, unknown> }
export type Frame = CallFrame | ResultFrame | ErrorFrame;

/**
 * What is wrong with a text that is no frame. `answerTo` is set where the text was meant as a CALL and its id could be read: such a call is
 * answered with a CALLERROR, everything else is dropped and counted.
 */
export type FrameProblem =
  | 'empty' | 'too-large' | 'not-json' | 'not-an-array' | 'unknown-message-type' | 'bad-message-id' | 'bad-action' | 'bad-payload'
  | 'too-deep' | 'forbidden-key';

export type Decoded =
  | { ok: true; frame: Frame }
  | { ok: false; problem: FrameProblem; answerTo: MessageId | null };

export const frameLimits = {
  /** Bytes of a message; the socket refuses longer ones before they get here (G-37). */
  bytesMax: 65_536,
  /** Nesting of arrays and objects, the frame's own array included. */
  depthMax: 32,
  /** OCPP-J 4.1.4 allows 36; some firmware sends more, and an id is only echoed. */
  idCharactersMax: 128,
} as const;

const call = 2, callResult = 3, callError = 4;

/** Reads one text message. Never throws. */
export function decodeFrame(text: string): Decoded {
  if (text.length === 0) return fault('empty');
  if (text.length > frameLimits.bytesMax) return fault('too-large');
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return fault('not-json');
  }
  if (!Array.isArray(message)) return fault('not-an-array');
  const type: unknown = message[0];
  const id: unknown = message[1];
  if (type !== call && type !== callResult && type !== callError) return fault('unknown-message-type');
  if (!isMessageId(id)) return fault('bad-message-id');
  const answerTo = type === call ? id : null;
  if (mayNestTooDeep(text) && nestsDeeperThan(message, frameLimits.depthMax)) return fault('too-deep', answerTo);
  if (mayHoldForbiddenKey(text) && holdsForbiddenKey(message)) return fault('forbidden-key', answerTo);

  if (type === call) {
    const action: unknown = message[2];
    const payload: unknown = message[3];
    if (typeof action !== 'string' || action.length === 0) return fault('bad-action', id);
    if (!isObject(payload)) return fault('bad-payload', id);
    return { ok: true, frame: { kind: 'call', id, action, payload } };
  }
  // A result's payload may be anything, null too (ocpp-rpc#35): the one who asked decides what it can use.
  if (type === callResult) return { ok: true, frame: { kind: 'result', id, payload: message[2] ?? null } };
  const code: unknown = message[2];
  const description: unknown = message[3];
  const details: unknown = message[4];
  return {
    ok: true,
    frame: {
      kind: 'error', id,
      code: typeof code === 'string' && code !== '' ? code : 'GenericError',
      description: typeof description === 'string' ? description : '',
      details: isObject(details) ? details : {},
    },
  };
}

/** Writes one frame. A CALLERROR always carries a description and a details object: some clients ignore one that lacks them (G-29). */
export function encodeFrame(frame: Frame): string {
  switch (frame.kind) {
    case 'call': return `[2,${JSON.stringify(frame.id)},${JSON.stringify(frame.action)},${JSON.stringify(frame.payload)}]`;
    case 'result': return `[3,${JSON.stringify(frame.id)},${JSON.stringify(frame.payload ?? null)}]`;
    case 'error': return `[4,${JSON.stringify(frame.id)},${JSON.stringify(frame.code)},${JSON.stringify(frame.description)},${JSON.stringify(frame.details)}]`;
  }
}

function fault(problem: FrameProblem, answerTo: MessageId | null = null): Decoded {
  return { ok: false, problem, answerTo };
}

function isMessageId(id: unknown): id is MessageId {
  return (typeof id === 'string' && id.length > 0 && id.length <= frameLimits.idCharactersMax) || (typeof id === 'number' && Number.isFinite(id));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Too few opening brackets to nest that deep: the common case, answered without a walk. */
function mayNestTooDeep(text: string): boolean {
  let openings = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      openings += 1;
      if (openings > frameLimits.depthMax) return true;
    }
  }
  return false;
}

function nestsDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const inner of Object.values(value)) if (nestsDeeperThan(inner, levels - 1)) return true;
  return false;
}

/** A key that would poison an object it is copied into can be spelt plainly or with \u escapes; any other text needs no walk. */
function mayHoldForbiddenKey(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u');
}

function holdsForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some(holdsForbiddenKey);
}
