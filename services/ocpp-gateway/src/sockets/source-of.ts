import { isIPv6 } from 'node:net';

/**
 * Who counts as one address: an IPv4 address, however it is written, or the first 64 bits of an IPv6 one, because whoever has one of those has them all
 * (RFC 6177).
 */
export function sourceOf(remoteAddress: string | undefined): string {
  const address = (remoteAddress ?? '').replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [before = '', after] = address.toLowerCase().split('::');
  const groups = before === '' ? [] : before.split(':');
  const behind = after === undefined || after === '' ? 0 : after.split(':').length;
  const whole = after === undefined ? groups : [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - behind) }, () => '0'), ...after.split(':')];
  return `${whole.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
