import { unreadableBill } from '@csms/contracts/http/sessions';
import type { FastifySerializerCompiler } from 'fastify/types/schema.js';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { UnreadableLog } from './unreadable-log.ts';

const Flagged = z.object({ id: z.string(), flags: z.array(z.string()), sessionId: z.string().optional() });
const Named = z.object({ id: z.string() });

/**
 * Answers are held against their schema. One record of a list that does not fit it is left out and logged, and its neighbours are shown: whoever
 * gets one bad row into the books must not close a page by it. A single record that does not fit stays an error.
 */
export function answerCompiler(unreadable: UnreadableLog): FastifySerializerCompiler<z.ZodType> {
  return (route) => {
    const strict = serializerCompiler(route);
    return (answer: unknown) => {
      logFlagged(route.url, answer, unreadable);
      try {
        return strict(answer);
      } catch (error) {
        const verdict = z.safeEncode(route.schema, answer);
        const bad = verdict.success ? [] : verdict.error.issues.map((issue) => recordOf(issue.path));
        if (bad.length === 0 || bad.includes(null)) throw error;
        return strict(without(answer, bad.filter((each) => each !== null), (record, index) => unreadable.leftOut(route.url, Named.safeParse(record).data?.id ?? String(index), error)));
      }
    };
  };
}

interface BadRecord { list: string | null; index: number }

/** The record of a list that an issue lies in: a list is the answer itself or one of its fields. */
function recordOf(path: readonly PropertyKey[]): BadRecord | null {
  const [first, second] = path;
  if (typeof first === 'number') return { list: null, index: first };
  return typeof first === 'string' && typeof second === 'number' ? { list: first, index: second } : null;
}

function without(answer: unknown, bad: readonly BadRecord[], leftOut: (record: unknown, index: number) => void): unknown {
  const kept = (list: unknown, name: string | null): unknown => !Array.isArray(list) ? list : list.filter((record, index) => {
    const isBad = bad.some((each) => each.list === name && each.index === index);
    if (isBad) leftOut(record, index);
    return !isBad;
  });
  if (Array.isArray(answer) || typeof answer !== 'object' || answer === null) return kept(answer, null);
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, kept(value, name)]));
}

/** A bill and its session are one trouble, so they are one line of the log. */
function logFlagged(where: string, answer: unknown, unreadable: UnreadableLog): void {
  const page = z.object({ items: z.array(z.unknown()) }).safeParse(answer);
  for (const record of page.success ? page.data.items : [answer]) {
    const flagged = Flagged.safeParse(record);
    if (flagged.success && flagged.data.flags.includes(unreadableBill)) unreadable.shownInPart(where, flagged.data.sessionId ?? flagged.data.id, unreadableBill);
  }
}
