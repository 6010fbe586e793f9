/** How far a charger's clock may be ahead of receipt and still be believed (G-13). */
const aheadMaxMs = 24 * 3_600_000;
const firstBelievedYear = 2010;

/** False for a clock that was never set, or that is more than a day ahead of the moment in which its word was heard (G-13). */
export function clockIsBelieved(at: Date, receivedAt: Date): boolean {
  return at.getUTCFullYear() >= firstBelievedYear && at.getTime() - receivedAt.getTime() <= aheadMaxMs;
}

/**
 * The time that counts for a fact of a session: the charger's own, and the time of receipt where its clock is wrong. Order, idle time, start, end and
 * tariff go by it; what the charger said stays in the evidence and is what tells a repetition (G-01).
 */
export function sessionTime(at: Date, receivedAt: Date): Date {
  return clockIsBelieved(at, receivedAt) ? at : receivedAt;
}
