import { z } from 'zod';
import { parseObject } from '../fields.ts';
import type { Journal } from '../ports.ts';

/** Values that change seldom and must survive a power loss: lists, profiles, keys, certificates. */
export interface KeptValues {
  /** The value last written under `name`; undefined when there is none, or when it is not of this shape any more. */
  read<T>(name: string, shape: z.ZodType<T>): T | undefined;
  /** On the disk when this returns. */
  write(name: string, value: unknown): void;
}

const compactAfterLines = 100;
const Line = z.object({ name: z.string(), value: z.unknown() });

/** A journal in which the last line of a name is its value; older lines are dropped now and then. */
export function openKeptValues(journal: Journal): KeptValues {
  const values = new Map<string, unknown>();
  let lines = 0;
  for (const line of journal.lines()) {
    lines += 1;
    const parsed = Line.safeParse(tolerant(line));
    if (parsed.success) values.set(parsed.data.name, parsed.data.value);
  }

  const lineOf = (name: string, value: unknown): string => JSON.stringify({ name, value });

  return {
    read(name, shape) {
      const parsed = shape.safeParse(values.get(name));
      return parsed.success ? parsed.data : undefined;
    },
    write(name, value) {
      values.set(name, value);
      lines += 1;
      if (lines <= compactAfterLines) return journal.append(lineOf(name, value), true);
      journal.replace([...values].map(([key, kept]) => lineOf(key, kept)));
      lines = values.size;
    },
  };
}

/** A damaged line in the middle is a disk fault; the values around it still count. */
function tolerant(line: string): unknown {
  try {
    return parseObject(line);
  } catch {
    return undefined;
  }
}
