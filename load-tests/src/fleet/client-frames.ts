/*
 * WebSocket frames as a client writes and reads them (RFC 6455, 5.2), by hand: thousands of chargers share the machine with what they measure, so a
 * frame must cost little. Answers of a server are never fragmented and shorter than 64 KiB here.
 */

/** A fixed mask: the server has to unmask as for any other, and the client draws no random bytes for each frame. */
const mask = Buffer.from([0x5a, 0xc3, 0x37, 0x9e]);
const textFrame = 0x81;
const closeFrame = 0x88;
const pingFrame = 0x89;

/** A masked text frame; `text` is latin1 (OCPP frames of a light charger are ASCII). */
export function textToFrame(text: string): Buffer {
  return frame(textFrame, text);
}

export function pongFrame(payload: string): Buffer { return frame(0x8a, payload); }

export function closingFrame(code: number): Buffer {
  return frame(closeFrame, String.fromCharCode(code >> 8, code & 0xff));
}

function frame(kind: number, text: string): Buffer {
  const { length } = text;
  const at = length < 126 ? 6 : 8;
  const bytes = Buffer.allocUnsafe(at + length);
  bytes[0] = kind;
  if (length < 126) bytes[1] = 0x80 | length;
  else {
    bytes[1] = 0xfe;
    bytes.writeUInt16BE(length, 2);
  }
  mask.copy(bytes, at - 4);
  bytes.write(text, at, 'latin1');
  for (let n = 0; n < length; n += 1) bytes[at + n] = (bytes[at + n] ?? 0) ^ (mask[n & 3] ?? 0);
  return bytes;
}

export interface FrameReader {
  onText(text: string): void;
  onPing(payload: string): void;
  onClose(code: number): void;
}

/** Reads what frames are whole in `bytes` and returns what is left of them. Throws on a frame that no answer of a server is. */
export function readFrames(bytes: Buffer, reader: FrameReader): Buffer {
  let at = 0;
  while (bytes.length - at >= 2) {
    const short = bytes[at + 1] ?? 0;
    if (short > 126) throw new Error(`a frame of a server that is masked or too long: ${short}`);
    const head = short === 126 ? 4 : 2;
    if (bytes.length - at < head) break;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    if (bytes.length - at < head + length) break;
    const text = bytes.toString('latin1', at + head, at + head + length);
    const kind = bytes[at];
    at += head + length;
    if (kind === textFrame) reader.onText(text);
    else if (kind === pingFrame) reader.onPing(text);
    else if (kind === closeFrame) reader.onClose(text.length < 2 ? 1005 : (text.charCodeAt(0) << 8) | text.charCodeAt(1));
    else throw new Error(`a frame of kind ${kind}`);
  }
  return at === 0 ? bytes : bytes.subarray(at);
}
