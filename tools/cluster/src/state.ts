import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { levels, type Place } from './place.ts';

export const ClusterState = z.object({
  phase: z.enum(['starting', 'ready', 'failed', 'stopping']),
  level: z.enum(levels),
  reason: z.string().optional(),
  bootMs: z.number().optional(),
  binFolders: z.array(z.string()),
});
/** What the keeper of a cluster says of it. */
export type ClusterState = z.infer<typeof ClusterState>;

export async function readState(place: Place): Promise<ClusterState | undefined> {
  const text = await readFile(place.stateFile, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : ClusterState.parse(JSON.parse(text));
}

/** Written beside and renamed, so that nobody reads half of it. */
export async function writeState(place: Place, state: ClusterState): Promise<void> {
  await writeFile(`${place.stateFile}.new`, JSON.stringify(state));
  await rename(`${place.stateFile}.new`, place.stateFile);
}
