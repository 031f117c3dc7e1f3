import type { IncomingMessage } from 'node:http';
import { Refusal } from '../edge/refusal.ts';

export type OriginTrust = {
  /** Whether a proxy in front says in X-Forwarded-Host by which name a client called it. */
  trustProxy: boolean;
  /** Origins of pages on other sites that may act for their users. */
  allowedOrigins: readonly string[];
};

const SAFE_METHODS = ['GET', 'HEAD'];
/** What browsers call a page of this origin, and no page at all (W3C Fetch Metadata, section 2.4). */
const OWN_SITE = ['same-origin', 'none'];

/**
 * For what a browser's cookie vouches for: browsers send it along whatever page asks them to. They say by
 * themselves of which site the page is, older ones at least its origin. Clients that are no browsers say neither,
 * and pass.
 * @throws Refusal for a write or an upgrade that a page of another origin asks for
 */
export function refuseCrossSite(req: IncomingMessage, trust: OriginTrust, { upgrade }: { upgrade: boolean }): void {
  if (SAFE_METHODS.includes(req.method ?? '') && !upgrade) return;
  const { origin, 'sec-fetch-site': site } = req.headers;
  if (origin !== undefined && trust.allowedOrigins.includes(origin)) return;
  if (site === undefined ? origin === undefined || isOwnOrigin(req, origin, trust) : OWN_SITE.includes(String(site))) {
    return;
  }
  throw new Refusal({
    status: 403,
    code: 'cross-site',
    detail: 'A page of another site may not do this by cookie. Send the token as a Bearer token.',
  });
}

/** By host alone: where TLS ends in front of the gateway, the scheme is not known for sure. */
function isOwnOrigin(req: IncomingMessage, origin: string, { trustProxy }: OriginTrust): boolean {
  const { host, 'x-forwarded-host': forwarded } = req.headers;
  const ownHosts = trustProxy ? [host, [forwarded].flat()[0]?.split(',', 1)[0]] : [host];
  const asked = URL.parse(origin);
  return (
    asked !== null && ownHosts.some((own) => own && URL.parse(`${asked.protocol}//${own.trim()}`)?.host === asked.host)
  );
}
