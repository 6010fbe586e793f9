import { createWriteStream, openAsBlob } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Api } from './access.ts';
import { CliError, exitCodes } from './exit.ts';

/** Writes a file of the API to `path`, whole or not at all; `-` is stdout. Resolves with how many bytes it has. */
export async function downloadTo(api: Api, apiPath: string, path: string, out: (chunk: Buffer) => void): Promise<number> {
  const answer = await api.raw('GET', apiPath);
  if (answer.body === null) return 0;
  let bytes = 0;
  const content = Readable.fromWeb(answer.body as ReadableStream).on('data', (chunk: Buffer) => { bytes += chunk.length; });
  if (path === '-') {
    for await (const chunk of content) out(chunk as Buffer);
    return bytes;
  }
  const draft = `${path}.part`;
  try {
    await pipeline(content, createWriteStream(draft));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new CliError(`${path} could not be written: ${error instanceof Error ? error.message : String(error)}`, exitCodes.refused);
  }
  return bytes;
}

/** A file of this machine, read as it is sent. */
export async function localFile(path: string): Promise<Blob> {
  try {
    if ((await stat(path)).isFile()) return await openAsBlob(path);
  } catch { /* said below, in the same words */ }
  throw new CliError(`${path} cannot be read`, exitCodes.usage);
}

export async function upload(api: Api, apiPath: string, content: Blob): Promise<unknown> {
  return (await api.raw('PUT', apiPath, { body: content, headers: { 'content-type': 'application/octet-stream' } })).json();
}
