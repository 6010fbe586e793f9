/**
 * The heartbeat interval for one station in whole seconds: the site's, moved by up to 20 % by a hash of the identity, so that a fleet that came
 * back in one second does not beat in one second for ever. Never 0, at which some firmware floods.
 */
export function bootInterval(heartbeatIntervalS: number, identity: string): number {
  const spread = (fnv1a(identity) / 0xffff_ffff) * 0.4 - 0.2;
  return Math.max(1, Math.round(heartbeatIntervalS * (1 + spread)));
}

function fnv1a(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193) >>> 0;
  return hash;
}
