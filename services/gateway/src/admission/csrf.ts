import type { IncomingMessage } from 'node:http';
import { calledHosts } from '../edge/client-address.ts';
import { Refusal } from '../edge/refusal.ts';

export type OriginTrust = {
  /** Whether a proxy in front says in X-Forwarded-Host by which name a client called it. */
  trustProxy: boolean;
  /** Other origins whose pages may act for their users. */
  allowedOrigins: readonly string[];
};

const SAFE_METHODS = ['GET', 'HEAD'];
/** `Sec-Fetch-Site` of a page of this origin and of the user's own navigation (W3C Fetch Metadata, section 2.4). */
const OWN_SITE = ['same-origin', 'none'];

/**
 * Against CSRF and CSWSH: browsers send the cookie along with a request of any page. They name the page's site by
 * themselves, older ones at least its origin. Clients that are no browsers name neither, and pass.
 * @throws Refusal for a write or an upgrade that a page of another origin asks for
 */
export function refuseCsrf(req: IncomingMessage, trust: OriginTrust, { upgrade }: { upgrade: boolean }): void {
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
  const asked = URL.parse(origin);
  if (asked === null) return false;
  return calledHosts(req, trustProxy).some((own) => URL.parse(`${asked.protocol}//${own}`)?.host === asked.host);
}
