import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Quantity } from '../formats.ts';

/** A number and its lighter unit; a changed number marks itself for a moment, in place. */
export function Value({ quantity, live = false }: { quantity: Quantity; live?: boolean }) {
  return (
    <span className="value">
      <span key={live ? quantity.value : undefined} className={live ? 'tick' : undefined}>{quantity.value}</span>
      {quantity.unit !== '' && <>{'\u202f'}<span className="unit">{quantity.unit}</span></>}
    </span>
  );
}

/** What is not known: an en dash whose reason shows on hover and focus, and is read aloud. Never 0. */
export function Unknown({ reason }: { reason: string }) {
  return (
    <Tooltip label={reason} events={{ hover: true, focus: true, touch: true }}>
      <span className="unknown-value" tabIndex={0} role="img" aria-label={reason}>–</span>
    </Tooltip>
  );
}

/** Shows a value, or the reason why there is none. */
export function Known<T>({ value, reason, children }: { value: T | null | undefined; reason: string; children: (value: T) => ReactNode }) {
  return value === null || value === undefined ? <Unknown reason={reason} /> : <>{children(value)}</>;
}
