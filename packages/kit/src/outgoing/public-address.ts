import { BlockList, isIPv4, isIPv6 } from 'node:net';

/* IANA special-purpose address registries (RFC 6890 and later): what is not somebody's on the public Internet. */

const special4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.31.196.0', 24],
  ['192.52.193.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['192.175.48.0', 24], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) special4.addSubnet(network, prefix, 'ipv4');

/** Global unicast is 2000::/3; everything outside of it (loopback, mapped IPv4, translated IPv4, unique local, link-local, multicast) is refused as a whole. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
const special6 = new BlockList();
// Protocol assignments with Teredo, documentation, 6to4 (an IPv4 address inside), documentation again.
for (const [network, prefix] of [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]] as const) special6.addSubnet(network, prefix, 'ipv6');

/** Is this the address of a host on the public Internet? Text that is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special4.check(address, 'ipv4');
  return isIPv6(address) && !address.includes('%') && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}
