import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/**
 * Passes bytes on and holds the last chunk back until their SHA-256 is the wanted one: whoever reads to the end has the very file that was approved, and a
 * file that was changed where it lies never arrives whole. `onWhole` runs before the last chunk leaves.
 */
export function wholeStream(sha256: string, onWhole: () => Promise<void>): Transform {
  const hash = createHash('sha256');
  let held: Buffer | null = null;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      const before = held;
      held = chunk;
      done(null, before ?? undefined);
    },
    flush(done) {
      if (hash.digest('hex') !== sha256) { done(new Error('the file is not the one that is on the books')); return; }
      onWhole().then(() => done(null, held ?? undefined), done);
    },
  });
}
