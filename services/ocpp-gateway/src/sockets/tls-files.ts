import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TlsMaterial } from './tls-context.ts';

export interface TlsFiles {
  /** The certificates with their chains, and the keys, in the same order. */
  certificateFiles: readonly string[];
  keyFiles: readonly string[];
  ticketKeyFile: string | null;
}

/** Reads all files. Throws one sentence that names the file. */
export async function readTlsFiles(files: TlsFiles): Promise<TlsMaterial> {
  if (files.certificateFiles.length !== files.keyFiles.length) throw new Error(`there are ${files.certificateFiles.length} TLS certificate files and ${files.keyFiles.length} key files; one key for each certificate`);
  const pairs = await Promise.all(files.certificateFiles.map(async (certificateFile, at) => ({
    certificatePem: await readPem(certificateFile, 'CERTIFICATE'), keyPem: await readPem(files.keyFiles[at] ?? '', 'PRIVATE KEY'),
  })));
  const ticketSecret = files.ticketKeyFile === null ? null : await readNamed(files.ticketKeyFile);
  if (ticketSecret !== null && ticketSecret.length < ticketSecretBytesMin) throw new Error(`${files.ticketKeyFile} is too short for a secret: ${ticketSecretBytesMin} bytes at least`);
  return { pairs, ticketSecret };
}

const ticketSecretBytesMin = 32;

/**
 * Reads the files anew every `everyMs` and hands over what has changed; a Secret that Kubernetes mounts changes by renaming a folder, which file events
 * miss. What cannot be read, or what `onChanged` throws, goes to `onError` once for each content. Returns how to stop.
 */
export function watchTlsFiles(files: TlsFiles, options: { everyMs: number; current: TlsMaterial; onChanged: (material: TlsMaterial) => void; onError: (error: unknown) => void }): () => void {
  let seen = fingerprint(options.current);
  let lastError = '';
  let reading = false;
  const look = async (): Promise<void> => {
    try {
      const material = await readTlsFiles(files);
      const now = fingerprint(material);
      if (now === seen) return;
      seen = now;
      options.onChanged(material);
      lastError = '';
    } catch (error) {
      if (String(error) !== lastError) options.onError(error);
      lastError = String(error);
    }
  };
  const timer = setInterval(() => {
    if (reading) return;
    reading = true;
    void look().finally(() => { reading = false; });
  }, options.everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function fingerprint(material: TlsMaterial): string {
  const hash = createHash('sha256');
  for (const { certificatePem, keyPem } of material.pairs) hash.update(certificatePem).update('\0').update(keyPem).update('\0');
  return hash.update(material.ticketSecret ?? '').digest('hex');
}

async function readPem(file: string, what: string): Promise<string> {
  const text = (await readNamed(file)).toString('utf8');
  if (!text.includes(`${what}-----`)) throw new Error(`${file} holds no ${what.toLowerCase()} in PEM`);
  return text;
}

async function readNamed(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error(`${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})`, { cause: error });
  }
}
