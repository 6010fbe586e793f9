/** A gateway that does not answer by then has no count: autoscalers know how to go on without one. */
const ANSWER_WITHIN_MS = 2000;
const BYTES_MAX = 1024 * 1024;

/** The text of an address's /metrics. Throws where it does not answer in time, says more than a megabyte, or sends its reader elsewhere: whoever carries a label of ours need not be ours. */
export async function readMetrics(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: 'error' });
  if (!answer.ok || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.byteLength;
    if (bytes > BYTES_MAX) throw new Error(`${url} says more than a megabyte`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
