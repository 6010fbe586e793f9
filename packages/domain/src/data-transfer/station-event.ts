import type { VendorMessage } from './vendor-messages.ts';

/**
 * `id.charge-it` / `StationEvent`: how a 1.6 station whose firmware has no SecurityEventNotification tells of one. `data` is JSON with `type` (1 to 50
 * characters, the standard names where there is one), and optionally `techInfo` (at most 255) and `timestamp` (RFC 3339).
 */
export const stationEvent: VendorMessage = async (data, { source, identity, stations }) => {
  const event = read(data);
  if (event === null) return { status: 'Rejected', data: 'data is {"type": "...", "techInfo": "...", "timestamp": "..."}' };
  await stations.securityEvent(source.tenantId, { stationId: source.stationId, identity, kind: event.type, detail: event.techInfo, at: event.at ?? source.receivedAt });
  return { status: 'Accepted' };
};

function read(data: string | null): { type: string; techInfo: string; at: Date | null } | null {
  let json: unknown;
  try {
    json = JSON.parse(data ?? '');
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const { type, techInfo = '', timestamp = null } = json as { type?: unknown; techInfo?: unknown; timestamp?: unknown };
  const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max && !/\p{Cc}/u.test(value);
  if (!isText(type, 50) || type === '' || !isText(techInfo, 255)) return null;
  if (timestamp === null) return { type, techInfo, at: null };
  if (!isText(timestamp, 40) || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(timestamp)) return null;
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime()) ? null : { type, techInfo, at };
}
