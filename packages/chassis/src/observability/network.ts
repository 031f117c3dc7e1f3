import { isIPv4, isIPv6 } from 'node:net';

/** What stands for the network of a client without an address, as one that calls a service directly. */
const UNKNOWN = 'unknown';

/** An IPv4 address within IPv6 (RFC 4291, section 2.5.5.2), as the URL parser writes it. */
const MAPPED = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/;

/**
 * The network of an address: the /24 of an IPv4 address, the /64 that an IPv6 client has to itself. One network has one
 * spelling, so it serves as a key, and it names no single client, so it may stand in a log.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.trim().split('%', 1);
  if (isIPv4(bare)) return network24(bare.split('.'));
  if (!isIPv6(bare)) return UNKNOWN;
  // The URL parser has one spelling for each address.
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, upper, lower] = MAPPED.exec(canonical) ?? [];
  if (upper !== undefined && lower !== undefined) return network24([...bytesOf(upper), ...bytesOf(lower)]);
  const [head = '', tail = ''] = canonical.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  return `${[...groups(head), ...zeros, ...groups(tail)].slice(0, 4).join(':')}::/64`;
}

const network24 = (bytes: readonly (string | number)[]): string => `${bytes.slice(0, 3).join('.')}.0/24`;

function bytesOf(group: string): [number, number] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}
