import type { Check, Evidence } from './invariants.ts';

const ends = new Set(['accepted', 'rejected', 'failed', 'unknown', 'expired', 'not-connected']);

/** I-5: each command's frame reached its charger at most once, on any socket, and the ledger has an end for it; no frame came from nowhere. */
export function checkCommands({ truths, books, nowMs }: Evidence, check: Check): void {
  const frames = new Map<string, number>();
  for (const { calls } of truths) for (const { messageId } of calls) frames.set(messageId, (frames.get(messageId) ?? 0) + 1);
  const known = new Set<string>();
  for (const { id, identity, action, state, messageId, deadlineMs } of books.commands) {
    if (messageId !== null) known.add(messageId);
    const count = messageId === null ? 0 : frames.get(messageId) ?? 0;
    check.that(count <= 1, () => `${identity}: ${action} (${id}) came ${count} times`);
    check.that(!['queued', 'expired', 'not-connected'].includes(state) || count === 0, () => `${identity}: ${action} (${id}) is ${state} and its frame came all the same`);
    check.that(state !== 'accepted' || count === 1, () => `${identity}: ${action} (${id}) is accepted and its frame never came`);
    check.that(ends.has(state) || nowMs < deadlineMs, () => `${identity}: ${action} (${id}) is still ${state} after its deadline`);
  }
  for (const { identity, calls } of truths) {
    for (const { messageId, action } of calls) check.that(known.has(messageId), () => `${identity}: ${action} (${messageId}) came and is no command of the ledger`);
  }
}

/** I-6: the epochs under which a station's commands were sent never fall, and who is connected is online on the books. */
export function checkOwnership({ books, truths }: Evidence, check: Check): void {
  for (const { identity } of truths) {
    const sent = books.commands.filter((command) => command.identity === identity && command.sentMs !== null).sort((a, b) => a.sentMs! - b.sentMs!);
    for (const [n, command] of sent.entries()) {
      const before = sent[n - 1];
      if (before && before.sentMs !== command.sentMs) check.that(BigInt(command.sentEpoch!) >= BigInt(before.sentEpoch!), () => `${identity}: ${command.action} went out under epoch ${command.sentEpoch} after one under ${before.sentEpoch}`);
    }
    const station = books.stations.find((row) => row.identity === identity);
    check.that(station?.online === true, () => `${identity}: it is connected and the books say offline`);
  }
}
