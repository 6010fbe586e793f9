/** One charger's way: when its sockets were opened (code null) and when they ended. */
export interface Line { gateway: string; line: { atMs: number; code: number | null }[] }

export interface Moves { reconnects: number; awayMsMax: number; crowdShareMax: number; byGateway: Record<string, number>; closeCodes: Record<string, number> }

const SECOND_MS = 1000;

/**
 * What became of the sockets since a moment. A reconnect counts for the gateway that the charger is at now: where it moved more than once, only its last counts
 * for the crowd. Pure.
 */
export function movesSince(lines: readonly Line[], sinceMs: number): Moves {
  const moves: Moves = { reconnects: 0, awayMsMax: 0, crowdShareMax: 0, byGateway: {}, closeCodes: {} };
  const arrivals = new Map<string, number[]>();
  for (const { gateway, line } of lines) {
    const recent = line.filter(({ atMs }) => atMs >= sinceMs);
    let closedAtMs: number | undefined;
    let last: number | undefined;
    for (const { atMs, code } of recent) {
      if (code !== null) {
        closedAtMs ??= atMs;
        moves.closeCodes[code] = (moves.closeCodes[code] ?? 0) + 1;
        continue;
      }
      if (closedAtMs !== undefined) moves.awayMsMax = Math.max(moves.awayMsMax, atMs - closedAtMs);
      closedAtMs = undefined;
      last = atMs;
      moves.reconnects += 1;
    }
    if (last === undefined) continue;
    moves.byGateway[gateway] = (moves.byGateway[gateway] ?? 0) + 1;
    arrivals.set(gateway, [...(arrivals.get(gateway) ?? []), last]);
  }
  for (const times of arrivals.values()) {
    times.sort((a, b) => a - b);
    const crowd = Math.max(...times.map((from, n) => times.slice(n).filter((atMs) => atMs < from + SECOND_MS).length));
    moves.crowdShareMax = Math.max(moves.crowdShareMax, crowd / moves.reconnects);
  }
  return moves;
}
