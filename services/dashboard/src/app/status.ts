/** The eleven states a screen knows, from the words of both OCPP dialects (notes: ux, status table). */
export const statusKeys = ['available', 'preparing', 'charging', 'suspended-ev', 'suspended-evse', 'finishing', 'reserved', 'unavailable', 'faulted', 'offline', 'unknown'] as const;
export type StatusKey = (typeof statusKeys)[number];

const byWord: Record<string, StatusKey> = {
  available: 'available', preparing: 'preparing', charging: 'charging', suspendedev: 'suspended-ev', suspendedevse: 'suspended-evse',
  finishing: 'finishing', reserved: 'reserved', unavailable: 'unavailable', faulted: 'faulted', offline: 'offline', unknown: 'unknown',
};

/**
 * The state of a connector or a station in our words. 2.x says only Occupied: with a running session that is charging (or paused by the
 * vehicle, when the session idles), without one it is preparing.
 */
export function statusKey(word: string | null, session?: { idleSince: string | null } | null): StatusKey {
  if (word === null) return 'unknown';
  const name = word.toLowerCase().replace(/[^a-z]/g, '');
  if (name === 'occupied') return session ? (session.idleSince ? 'suspended-ev' : 'charging') : 'preparing';
  return byWord[name] ?? 'unknown';
}

/** Most urgent first: how a list is ranked and which state speaks for a group. */
const rank: Record<StatusKey, number> = {
  offline: 0, faulted: 1, unavailable: 2, unknown: 3, 'suspended-evse': 4, 'suspended-ev': 5, charging: 6, finishing: 7, preparing: 8, reserved: 9, available: 10,
};
export function byUrgency(a: StatusKey, b: StatusKey): number {
  return rank[a] - rank[b];
}
