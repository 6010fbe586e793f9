import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './place.ts';

/** Removes what kubelet and CNI plugins write to fixed paths of the machine: links to the pods' logs, and results that name the cluster's folder. */
export async function removeLeftBehind(place: Place): Promise<void> {
  const ofThePlace = (text: string): boolean => text.includes(`${place.folder}/`) || text.includes(`${place.runFolder}/`);
  for (const name of await readdir('/var/log/containers').catch((): string[] => [])) {
    const link = join('/var/log/containers', name);
    if (ofThePlace(await readlink(link).catch(() => ''))) await rm(link, { force: true });
  }
  for (const name of await readdir('/var/lib/cni/results').catch((): string[] => [])) {
    const file = join('/var/lib/cni/results', name);
    if (ofThePlace(await readFile(file, 'utf8').catch(() => ''))) await rm(file, { force: true });
  }
}
