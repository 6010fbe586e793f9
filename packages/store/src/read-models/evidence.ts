import { mapCards } from '../cards/card-fields.ts';
import { maskUid } from '../cards/card-text.ts';

/** A stored payload as a reader may see it. */
export function maskCards(value: unknown): unknown {
  return mapCards(value, maskUid);
}
