import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

export const pauseImage = 'localhost/pause:1';

/** Writes the image of the process that holds a pod's namespaces, as `docker save` would (image spec v1.2), and gives the file's path. */
export async function writePauseImage(pauseBinary: string, folder: string): Promise<string> {
  const work = join(folder, 'pause-image');
  await mkdir(join(work, 'layer'), { recursive: true });
  await cp(pauseBinary, join(work, 'layer', 'pause'));
  await runCommand('tar', ['-C', join(work, 'layer'), '--owner=0', '--group=0', '-cf', join(work, 'layer.tar'), 'pause']);
  const diffId = createHash('sha256').update(await readFile(join(work, 'layer.tar'))).digest('hex');
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  await writeFile(join(work, 'config.json'), JSON.stringify({ architecture, os: 'linux', config: { Entrypoint: ['/pause'], User: '65535:65535' }, rootfs: { type: 'layers', diff_ids: [`sha256:${diffId}`] } }));
  await writeFile(join(work, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [pauseImage], Layers: ['layer.tar'] }]));
  const file = join(folder, 'pause.tar');
  await runCommand('tar', ['-C', work, '-cf', file, 'manifest.json', 'config.json', 'layer.tar']);
  await rm(work, { recursive: true, force: true });
  return file;
}
