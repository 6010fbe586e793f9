import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { containerdSocket } from '../container-runtime.ts';
import type { Place } from '../place.ts';
import { runCommand } from '../run-command.ts';
import type { BuiltImage, ImagePlace } from './build.ts';
import { repositoryOf } from './image-list.ts';
import { blobsOf } from './layout.ts';
import { holding } from './lock.ts';

const importLimitMs = 300_000;

/**
 * Gives built images to the containerd of a cluster with a node: those that it does not have, in one archive, so that what they share goes over once. Each is there under its
 * reference, and under the tag 1 for values that name no content. Gives the names of those that went over.
 */
export async function loadImages(images: BuiltImage[], from: ImagePlace, cluster: Place): Promise<string[]> {
  const ctr = ['-a', containerdSocket(cluster), '-n', 'k8s.io'];
  return holding(join(from.folder, 'lock'), async () => {
    const there = new Set((await runCommand('ctr', [...ctr, 'images', 'ls', '-q'])).split('\n'));
    const missing = images.filter(({ reference }) => !there.has(reference));
    if (missing.length > 0) {
      await importArchive(missing.map(({ reference }) => reference), from, ctr);
      for (const { name, reference } of missing) await runCommand('ctr', [...ctr, 'images', 'tag', '--force', reference, `${repositoryOf(name)}:1`]);
    }
    return missing.map(({ name }) => name);
  });
}

/** An OCI archive goes from tar to ctr without being written. */
async function importArchive(references: string[], from: ImagePlace, ctr: string[]): Promise<void> {
  const head = await mkdtemp(join(tmpdir(), 'csms-images-'));
  try {
    await writeFile(join(head, 'index.json'), await from.layout.indexOf(references));
    await writeFile(join(head, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    const laid = (await from.layout.images()).filter(({ reference }) => references.includes(reference));
    const blobs = [...new Set(laid.flatMap(blobsOf))].map((digest) => relative(from.layout.folder, from.layout.blob(digest)));
    const tar = spawn('tar', ['-cf', '-', '-C', head, 'index.json', 'oci-layout', '-C', from.layout.folder, ...blobs], { stdio: ['ignore', 'pipe', 'inherit'] });
    const into = spawn('ctr', [...ctr, 'images', 'import', '-'], { stdio: [tar.stdout, 'ignore', 'pipe'], timeout: importLimitMs });
    // The reader has its own end; ours would keep the pipe open.
    tar.stdout.destroy();
    let words = '';
    into.stderr.on('data', (chunk: Buffer) => { words += chunk.toString('utf8'); });
    const [code] = await Promise.all([into, tar].map((child) => new Promise<number | null>((resolve, reject) => { child.once('error', reject); child.once('close', resolve); })));
    if (code !== 0) throw new Error(`ctr images import: ${words.trim().split('\n').slice(-3).join(' | ')}`);
  } finally {
    await rm(head, { recursive: true, force: true });
  }
}
