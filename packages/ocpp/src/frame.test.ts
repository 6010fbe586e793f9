import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, frameLimits, type Frame } from './frame.ts';

const messageId = fc.oneof(fc.string({ minLength: 1, maxLength: 36 }), fc.integer());
/** JSON as it can come over a wire: no -0 (JSON writes 0) and no key that poisons. */
const payload = fc.dictionary(fc.string().filter((key) => key !== '__proto__'), fc.jsonValue({ maxDepth: 3 })).map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>)
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('call' as const), id: messageId, action: fc.string({ minLength: 1 }), payload }),
  fc.record({ kind: fc.constant('result' as const), id: messageId, payload: fc.oneof(payload, fc.constant(null)) }),
  fc.record({ kind: fc.constant('error' as const), id: messageId, code: fc.string({ minLength: 1 }), description: fc.string(), details: payload }),
);

describe('frame', () => {
  it('what is written is read back as the same frame', () => {
    fc.assert(fc.property(frame, (written) => {
      expect(decodeFrame(encodeFrame(written))).toEqual({ ok: true, frame: written });
    }));
  });

  it('G-28 no text makes it throw, and what is no frame has a named problem', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.array(fc.jsonValue()).map((value) => JSON.stringify(value))), (text) => {
      const decoded = decodeFrame(text);
      expect(decoded.ok || decoded.problem.length > 0).toBe(true);
    }));
  });

  it.each([
    ['', 'empty', null],
    ['hello', 'not-json', null],
    ['{"a":1}', 'not-an-array', null],
    ['null', 'not-an-array', null],
    ['[]', 'unknown-message-type', null],
    ['[6,"1","Event",{}]', 'unknown-message-type', null],
    ['["2","1","Heartbeat",{}]', 'unknown-message-type', null],
    ['[2,null,"Heartbeat",{}]', 'bad-message-id', null],
    ['[2,"","Heartbeat",{}]', 'bad-message-id', null],
    [`[2,"${'x'.repeat(129)}","Heartbeat",{}]`, 'bad-message-id', null],
    ['[2,"1",7,{}]', 'bad-action', '1'],
    ['[2,"1","Heartbeat"]', 'bad-payload', '1'],
    ['[2,"1","Heartbeat",[]]', 'bad-payload', '1'],
    ['[2,"1","Heartbeat",null]', 'bad-payload', '1'],
    ['[2,"1","DataTransfer",{"__proto__":{"admin":true}}]', 'forbidden-key', '1'],
    ['[2,"1","DataTransfer",{"\\u005f_proto__":{"admin":true}}]', 'forbidden-key', '1'],
    [`[2,"1","DataTransfer",${'{"a":'.repeat(40)}1${'}'.repeat(40)}]`, 'too-deep', '1'],
    [`[${'['.repeat(30_000)}`, 'not-json', null],
    [`"${'x'.repeat(frameLimits.bytesMax)}"`, 'too-large', null],
  ])('%# a text that is no frame: %s', (text, problem, answerTo) => {
    expect(decodeFrame(text)).toEqual({ ok: false, problem, answerTo });
  });

  it('nesting up to the limit is read, one level more is not', () => {
    const nested = (levels: number): string => `[3,"1",${'['.repeat(levels)}${']'.repeat(levels)}]`;
    expect(decodeFrame(nested(frameLimits.depthMax - 1)).ok).toBe(true);
    expect(decodeFrame(nested(frameLimits.depthMax))).toMatchObject({ ok: false, problem: 'too-deep' });
  });

  it('many brackets side by side are not deep', () => {
    expect(decodeFrame(`[3,"1",[${Array.from({ length: 100 }, () => '{}').join(',')}]]`).ok).toBe(true);
  });

  it('G-28 a null result, a bare error and a numeric id are read', () => {
    expect(decodeFrame('[3,"1",null]')).toEqual({ ok: true, frame: { kind: 'result', id: '1', payload: null } });
    expect(decodeFrame('[3,"1"]')).toEqual({ ok: true, frame: { kind: 'result', id: '1', payload: null } });
    expect(decodeFrame('[4,"1"]')).toEqual({ ok: true, frame: { kind: 'error', id: '1', code: 'GenericError', description: '', details: {} } });
    expect(decodeFrame('[2,17,"Heartbeat",{}]')).toEqual({ ok: true, frame: { kind: 'call', id: 17, action: 'Heartbeat', payload: {} } });
  });

  it('G-29 an error frame always carries a description and a details object', () => {
    expect(JSON.parse(encodeFrame({ kind: 'error', id: '1', code: 'InternalError', description: '', details: {} }))).toEqual([4, '1', 'InternalError', '', {}]);
  });
});
