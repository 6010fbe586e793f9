import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Place } from './place.ts';

/** Settings of the whole machine that kubelet changes at its start. */
const changedByKubelet = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes'];
const Kept = z.record(z.string(), z.string());
const keptFile = (place: Place): string => join(place.folder, 'kernel-settings.json');

/** Notes how the machine's settings are before kubelet starts. */
export async function keepKernelSettings(place: Place): Promise<void> {
  const kept: z.infer<typeof Kept> = {};
  for (const name of changedByKubelet) {
    const value = await readFile(join('/proc/sys', name), 'utf8').catch(() => undefined);
    if (value !== undefined) kept[name] = value.trim();
  }
  await writeFile(keptFile(place), JSON.stringify(kept));
}

/** Puts them back. What the machine does not allow to be written was not changed by kubelet either. */
export async function restoreKernelSettings(place: Place): Promise<void> {
  const text = await readFile(keptFile(place), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  for (const [name, value] of Object.entries(Kept.parse(JSON.parse(text)))) {
    const path = join('/proc/sys', name);
    if ((await readFile(path, 'utf8').catch(() => value)).trim() !== value) await writeFile(path, value).catch(() => undefined);
  }
}
