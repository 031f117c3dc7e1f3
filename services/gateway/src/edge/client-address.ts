import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP, isIPv4, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { networkOf } from '@wave-connect/chassis/observability';

/** Which proxies are believed about where a request comes from. */
export type ProxyTrust = {
  /** Whether the peer is a proxy that sets X-Forwarded-For. */
  trustProxy: boolean;
  /** Proxies in front of that one. */
  trustedProxies: BlockList;
};

const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/i;
const PORT_OF_IPV4 = /^(\d+(?:\.\d+){3}):\d+$/;
const IPV6_IN_BRACKETS = /^\[([^\]]+)\](?::\d+)?$/;
/** What proxies write for each scheme; some name a WebSocket's own. */
const SCHEMES = new Map([
  ['https', 'https'],
  ['wss', 'https'],
  ['http', 'http'],
  ['ws', 'http'],
]);

/**
 * The address nearest to the gateway that is not one of our proxies: what stands further left in X-Forwarded-For is
 * the client's own claim.
 */
export function clientAddress(req: IncomingMessage, { trustProxy, trustedProxies }: ProxyTrust): string {
  let nearest = peerAddress(req.socket);
  if (!trustProxy) return nearest;
  for (const hop of [req.headers['x-forwarded-for'] ?? []].flat().join().split(',').reverse()) {
    const address = plain(hop);
    if (isIP(address) === 0) break;
    nearest = address;
    if (!trustedProxies.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')) break;
  }
  return nearest;
}

/** The address at the other end of a connection. */
export const peerAddress = ({ remoteAddress = '' }: Socket): string => plain(remoteAddress);

const plain = (address: string): string =>
  address.trim().replace(IPV6_IN_BRACKETS, '$1').replace(IPV4_IN_IPV6, '').replace(PORT_OF_IPV4, '$1');

/** What counts as one client: an IPv4 address, or the /64 that an IPv6 client has to itself. */
export const clientNetwork = (address: string): string => (isIPv4(address) ? address : networkOf(address));

/** `https` or `http`, as the client connected: as the proxy in front says where it is trusted, else as the connection shows. */
export function clientScheme(req: IncomingMessage, trustProxy: boolean): string {
  const said = trustProxy ? SCHEMES.get(firstOf(req.headers['x-forwarded-proto']).toLowerCase()) : undefined;
  return said ?? ((req.socket as TLSSocket).encrypted ? 'https' : 'http');
}

/** The names by which the client may have called the gateway. */
export function calledHosts(req: IncomingMessage, trustProxy: boolean): string[] {
  const { host = '' } = req.headers;
  return (trustProxy ? [host, firstOf(req.headers['x-forwarded-host'])] : [host]).filter((name) => name !== '');
}

/**
 * What the outermost proxy said: each one behind it appends. RFC 7239's `Forwarded` is not read:
 * proxies that set X-Forwarded-* pass a client's own on.
 */
const firstOf = (header: string | string[] | undefined): string =>
  String(header ?? '')
    .split(',', 1)[0]
    ?.trim() ?? '';
