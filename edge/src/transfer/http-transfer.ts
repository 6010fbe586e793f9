import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { FieldError } from '../fields.ts';

/** Fetches and delivers files for firmware updates and logs. Rejects with an Error that says in a sentence what went wrong. */
export interface TransferPort {
  /** GET; at most `bytesMax` bytes. */
  download(location: string, bytesMax: number, signal: AbortSignal): Promise<Buffer>;
  /** PUT. */
  upload(location: string, content: Buffer, signal: AbortSignal): Promise<void>;
}

/** A scheme that this charger cannot speak (ftp, sftp). */
export class UnsupportedLocation extends Error {
  override readonly name = 'UnsupportedLocation';
}

/** The other end let us know that we may not. */
export class TransferDenied extends Error {
  override readonly name = 'TransferDenied';
}

/**
 * HTTP and HTTPS as Node has them; redirects are not followed.
 * @param trustAnchors PEM certificates that a server must chain to; none: the system's
 */
export function createHttpTransfer(trustAnchors: () => string[], timeoutMs = 60_000): TransferPort {
  async function exchange(method: 'GET' | 'PUT', location: string, body: Buffer | undefined, bytesMax: number, signal: AbortSignal): Promise<Buffer> {
    const url = parse(location);
    const anchors = trustAnchors();
    const options = {
      method, signal, timeout: timeoutMs,
      headers: body ? { 'content-type': 'application/octet-stream', 'content-length': body.length } : {},
      ...(url.protocol === 'https:' && anchors.length > 0 && { ca: anchors }),
    };
    return new Promise((resolve, reject) => {
      const sent = (url.protocol === 'https:' ? requestTls : requestPlain)(url, options, (response) => {
        readBody(response, bytesMax).then((content) => {
          const status = response.statusCode ?? 0;
          if (status === 401 || status === 403) reject(new TransferDenied(`${method} was answered ${status}`));
          else if (status < 200 || status > 299) reject(new Error(`${method} was answered ${status}`));
          else resolve(content);
        }, reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} took longer than ${timeoutMs} ms`)));
      sent.on('error', reject);
      sent.end(body);
    });
  }

  return {
    download: (location, bytesMax, signal) => exchange('GET', location, undefined, bytesMax, signal),
    async upload(location, content, signal) {
      await exchange('PUT', location, content, 65_536, signal);
    },
  };
}

function parse(location: string): URL {
  let url: URL;
  try {
    url = new URL(location);
  } catch {
    throw new FieldError('the location is not an address');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new UnsupportedLocation(`${url.protocol} is not spoken by this charger`);
  return url;
}

async function readBody(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += part.length;
    if (bytes > bytesMax) throw new Error(`the file has more than ${bytesMax} bytes`);
    chunks.push(part);
  }
  if (!response.complete) throw new Error('the file was cut off');
  return Buffer.concat(chunks);
}
