import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Place } from './place.ts';

/** Settings of the whole machine that kubelet changes at its start. */
const changedByKubelet = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes'];
const Kept = z.record(z.string(), z.string());
const keptIn = (folder: string): string => join(folder, 'kernel-settings.json');

/** What other clusters of the machine noted: the first one's note says how it was before any. */
async function keptByOthers(place: Place): Promise<string | undefined> {
  const up = dirname(place.folder);
  for (const name of await readdir(up).catch((): string[] => [])) {
    const text = name === place.name ? undefined : await readFile(keptIn(join(up, name)), 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Notes how the machine's settings are before kubelet starts. */
export async function keepKernelSettings(place: Place): Promise<void> {
  const before = await keptByOthers(place);
  if (before !== undefined) return writeFile(keptIn(place.folder), before);
  const kept: z.infer<typeof Kept> = {};
  for (const name of changedByKubelet) {
    const value = await readFile(join('/proc/sys', name), 'utf8').catch(() => undefined);
    if (value !== undefined) kept[name] = value.trim();
  }
  await writeFile(keptIn(place.folder), JSON.stringify(kept));
}

/** Puts them back with the last cluster that has a node. What the machine does not allow to be written was not changed by kubelet either. */
export async function restoreKernelSettings(place: Place): Promise<void> {
  const text = await readFile(keptIn(place.folder), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  await rm(keptIn(place.folder));
  if ((await keptByOthers(place)) !== undefined) return;
  for (const [name, value] of Object.entries(Kept.parse(JSON.parse(text)))) {
    const path = join('/proc/sys', name);
    if ((await readFile(path, 'utf8').catch(() => value)).trim() !== value) await writeFile(path, value).catch(() => undefined);
  }
  // A fixed path of kubelet's, whatever its root folder is.
  await rm('/var/lib/kubelet/device-plugins/kubelet.sock', { force: true });
}
