import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { z } from 'zod';
import { median, type BenchRow } from './bench-row.ts';

const rounds = 5;
const Measured = z.object({ firstMicroseconds: z.array(z.number()), seenMicroseconds: z.array(z.number()) });

/** CPU of the API's look at an access token: its first, which verifies an RSA signature, and each one after it. In a process of its own that does nothing else. */
export async function tokensBench(): Promise<BenchRow[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../services/api/src/testing/measure-tokens.ts'), String(rounds)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const { firstMicroseconds, seenMicroseconds } = Measured.parse(JSON.parse(lines.at(-1) ?? 'null'));
  const range = (values: number[]): string => `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)} over ${values.length} rounds`;
  return [
    { bench: 'tokens', what: 'a token that was seen before', value: median(seenMicroseconds), unit: 'µs CPU', limit: { atMost: 60 }, detail: range(seenMicroseconds) },
    { bench: 'tokens', what: 'the first look at a token (RS256)', value: median(firstMicroseconds), unit: 'µs CPU', detail: range(firstMicroseconds) },
  ];
}
