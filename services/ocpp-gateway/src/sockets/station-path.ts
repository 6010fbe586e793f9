/** Where an upgrade request wants to go: whose station, by which OCPP identity; or why not. */
export type StationPath =
  | { ok: true; tenantId: string; identity: string }
  | { ok: false; status: 400 | 404; reason: string };

/** How the paths of a port are read. */
export interface PathReading {
  /** Whose a path without a tenant is. */
  defaultTenant: string | null;
  /** `ocpp`: under /ocpp. `bare`: the identity alone, as prototypes write it, and always the default tenant's. */
  paths: 'ocpp' | 'bare';
}

const identityCharactersMax = 48;

/**
 * Reads `/ocpp/<tenant>/<identity>`, `/ocpp/<identity>` (the default tenant's), or on a port of bare paths `/<identity>`, from a request target (RFC 9112, 3.2:
 * also in absolute form). Never throws (G-30). One trailing slash is ignored; empty segments, `%2F` and other characters that no identity has are 400. The identity comes
 * back decoded, which is its one spelling everywhere else.
 */
export function readStationPath(target: string, { defaultTenant, paths }: PathReading): StationPath {
  const segments = pathOf(target).split('/');
  if (segments.shift() !== '') return refused(400, 'the request target is not a path');
  if (segments.length > 1 && segments.at(-1) === '') segments.pop();
  if (paths === 'ocpp' && segments.shift() !== 'ocpp') return refused(404, 'stations connect under /ocpp');

  const decoded: string[] = [];
  for (const segment of segments) {
    const text = decodeSegment(segment);
    if (text === null) return refused(400, 'the path is not valid percent-encoded UTF-8');
    if (text === '') return refused(400, 'the path has an empty segment');
    decoded.push(text);
  }
  const [first, second, more] = decoded;
  if (first === undefined || more !== undefined || (paths === 'bare' && second !== undefined)) {
    return refused(404, paths === 'bare' ? 'the path is not /<identity>' : 'the path is not /ocpp/<tenant>/<identity> or /ocpp/<identity>');
  }
  const tenantId = second === undefined ? defaultTenant : first;
  const identity = second ?? first;
  if (tenantId === null) return refused(404, 'the path names no tenant and there is no default tenant');
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(tenantId)) return refused(400, 'the tenant is not a name');
  if (identity.length > identityCharactersMax) return refused(400, `the identity is longer than ${identityCharactersMax} characters`);
  if (!/^[!-.0-~](?:[ -.0-~]*[!-.0-~])?$/.test(identity)) return refused(400, 'the identity has a character that identities do not have');
  return { ok: true, tenantId, identity };
}

function pathOf(target: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target);
  const rest = absolute ? target.slice(absolute[0].length) : target;
  return rest.split(/[?#]/, 1)[0] ?? '';
}

function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

function refused(status: 400 | 404, reason: string): StationPath {
  return { ok: false, status, reason };
}
