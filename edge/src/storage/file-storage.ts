import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal, StoragePort } from '../ports.ts';

/**
 * Journals as files, one line a record, in one directory a station.
 *
 * A record counts when its newline is on the disk: what follows the last newline is the torn write of a power loss,
 * and is cut off on opening, before anything new could be glued to it.
 * @param directory is created when it is missing
 */
export function createFileStorage(directory: string): StoragePort {
  mkdirSync(directory, { recursive: true });
  return { openJournal: (name) => openFileJournal(directory, `${name}.jsonl`) };
}

/** Cards, passwords and the charger's own key are in these files. */
const ownerOnly = 0o600;

function openFileJournal(directory: string, fileName: string): Journal {
  const path = join(directory, fileName);
  const isNew = !existsSync(path);
  let file = openSync(path, 'a+', ownerOnly);
  if (isNew) syncDirectory(directory);
  const bytes = readFileSync(path);
  const completeBytes = bytes.lastIndexOf(0x0a) + 1;
  if (completeBytes < bytes.length) {
    ftruncateSync(file, completeBytes);
    fsyncSync(file);
  }
  const loaded = bytes.subarray(0, completeBytes).toString('utf8').split('\n').slice(0, -1);

  return {
    lines: () => loaded,
    append(line, durable) {
      writeAll(file, `${line}\n`);
      if (durable) fsyncSync(file);
    },
    replace(lines) {
      const draft = `${path}.new`;
      const draftFile = openSync(draft, 'w', ownerOnly);
      writeAll(draftFile, lines.map((line) => `${line}\n`).join(''));
      fsyncSync(draftFile);
      closeSync(draftFile);
      renameSync(draft, path);
      syncDirectory(directory);
      closeSync(file);
      file = openSync(path, 'a+', ownerOnly);
    },
    close: () => closeSync(file),
  };
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

/** Makes a new or renamed name durable, not only its content. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
