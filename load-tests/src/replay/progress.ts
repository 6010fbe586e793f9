import type { ReplayProgress } from './replay.ts';

const barWidth = 30;
const everyMs = 5_000;

/**
 * Shows progress on stderr: a bar that is drawn over on a terminal, a line every five seconds elsewhere.
 * @param stream stderr
 */
export function showProgress(stream: { isTTY?: boolean; write(text: string): unknown }): (progress: ReplayProgress) => void {
  let shownAtMs = -Infinity;
  return ({ phase, done, total }) => {
    const isLast = done === total;
    const nowMs = performance.now();
    if (!isLast && nowMs - shownAtMs < (stream.isTTY ? 100 : everyMs)) return;
    shownAtMs = nowMs;
    const share = total === 0 ? 1 : done / total;
    const words = `${phase === 'playing' ? 'sessions' : 'registering'} ${done}/${total}`;
    if (!stream.isTTY) return void stream.write(`${words}\n`);
    const filled = Math.round(share * barWidth);
    stream.write(`\r[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}] ${words}\u001b[K${isLast ? '\n' : ''}`);
  };
}
