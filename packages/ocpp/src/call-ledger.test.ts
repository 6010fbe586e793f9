import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallLedger } from './call-ledger.ts';

type Step = { do: 'begin' } | { do: 'answer'; which: number } | { do: 'wait'; ms: number } | { do: 'lose' };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({ do: 'begin' as const }),
  fc.record({ do: fc.constant('answer' as const), which: fc.nat(40) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(60) }),
  fc.constant({ do: 'lose' as const }),
);

describe('call ledger', () => {
  it('G-24 whatever happens there are never two calls in flight, and each call ends exactly once', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const ledger = new CallLedger<number>();
      const open = new Set<number>();
      const ends = new Map<number, number>();
      const late = new Set<number>();
      const end = (call: number): void => { open.delete(call); ends.set(call, (ends.get(call) ?? 0) + 1); };
      let calls = 0;
      let nowMs = 0;
      for (const next of steps) {
        if (next.do === 'begin') {
          if (ledger.begin(String(calls), calls, nowMs + 30)) open.add(calls);
          calls += 1;
        } else if (next.do === 'answer') {
          const verdict = ledger.answer(String(next.which));
          if (verdict.verdict === 'answered') { expect(verdict.call).toBe(next.which); end(verdict.call); }
          if (verdict.verdict === 'late') {
            expect(ends.get(verdict.call)).toBe(1);
            expect(late.has(verdict.call)).toBe(false);
            late.add(verdict.call);
          }
        } else if (next.do === 'wait') {
          nowMs += next.ms;
          const expired = ledger.expire(nowMs);
          if (expired !== null) end(expired);
        } else {
          const lost = ledger.lose();
          if (lost !== null) end(lost);
        }
        expect(open.size).toBeLessThanOrEqual(1);
        expect(ledger.inFlight?.call).toBe([...open][0]);
      }
      for (const count of ends.values()) expect(count).toBe(1);
    }));
  });

  it('G-27 the answer to a call that was given up does not satisfy the next one', () => {
    const ledger = new CallLedger<string>();
    ledger.begin('a', 'first', 10);
    expect(ledger.expire(9)).toBeNull();
    expect(ledger.expire(10)).toBe('first');
    ledger.begin('b', 'second', 20);
    expect(ledger.answer('a')).toEqual({ verdict: 'late', call: 'first' });
    expect(ledger.answer('a')).toEqual({ verdict: 'unknown' });
    expect(ledger.inFlight?.call).toBe('second');
    expect(ledger.answer('b')).toEqual({ verdict: 'answered', call: 'second' });
  });

  it('remembers a bounded number of calls that were given up', () => {
    const ledger = new CallLedger<number>();
    for (let call = 0; call < 100; call += 1) {
      ledger.begin(String(call), call, 0);
      ledger.expire(0);
    }
    expect(ledger.answer('0')).toEqual({ verdict: 'unknown' });
    expect(ledger.answer('99')).toEqual({ verdict: 'late', call: 99 });
  });
});
