import { z } from 'zod';
import type { Logger } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import type { Part } from './part.ts';

/** Where auth tells other services of its revocations. The gateway routes nothing to it. */
export const REVOCATIONS_PATH = '/internal/revocations';

/** How often auth is asked, and how long it may take, in ms: what it has revoked is known everywhere within 2 s. */
const POLL_MS = 500;
const TIMEOUT_MS = 1_000;

/** Sessions and accounts that are remembered at most, until their access tokens have expired; the oldest go first. */
const MAX_KNOWN = 200_000;

const revocation = z.object({
  user_id: z.uuid(),
  /** Null where the whole account is gone. */
  session_id: z.uuid().nullable(),
  /** Seconds after which no access token of it is valid any more. */
  expires_in: z.int(),
});

const revocationPage = z.object({ revocations: z.array(revocation), position: z.string(), more: z.boolean() });

export type RevocationPage = z.infer<typeof revocationPage>;

/** Whose access token it is; one from before there were sessions names none. */
export type TokenOwner = { userId: string; sessionId: string | undefined };

export type Revocations = {
  isRevoked(owner: TokenOwner): boolean;
  part: Part;
};

type Parts = {
  log: Logger;
  metrics: Metrics;
  /** Called once for each revocation; without a session where the whole account is gone. */
  onRevoked?: (owner: TokenOwner) => void;
};

/**
 * Follows the revocations of auth. While auth is away what was heard stays known, and `revocations_age_seconds` says how
 * old that is.
 */
export function followRevocations(authUrl: string, { log, metrics, onRevoked }: Parts): Revocations {
  /** Sessions and accounts by id, and when, in ms, they may be forgotten. */
  const known = new Map<string, number>();
  const stopped = new AbortController();
  let position = '';
  let knownAt = performance.now();
  let isAway = false;
  let timer: NodeJS.Timeout | undefined;

  const help = 'How long ago auth last told which sessions are revoked.';
  metrics.observedGauge('revocations_age_seconds', help, () => (performance.now() - knownAt) / 1_000);

  function remember({ user_id, session_id, expires_in }: z.infer<typeof revocation>): void {
    const id = session_id ?? user_id;
    if (known.has(id)) return;
    known.set(id, performance.now() + expires_in * 1_000);
    onRevoked?.({ userId: user_id, sessionId: session_id ?? undefined });
  }

  /** They are in the order in which they were heard of, and so about in that of their expiry. */
  function forget(): void {
    const now = performance.now();
    for (const [id, expiresAt] of known) {
      if (expiresAt > now && known.size <= MAX_KNOWN) return;
      known.delete(id);
    }
  }

  async function readPage(): Promise<boolean> {
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(`${authUrl}${REVOCATIONS_PATH}?after=${position}`, { signal });
    if (!response.ok) throw new Error(`auth responds with ${response.status}`);
    const page = revocationPage.parse(await response.json());
    for (const each of page.revocations) remember(each);
    position = page.position;
    return page.more;
  }

  async function poll(): Promise<void> {
    const began = performance.now();
    try {
      while (await readPage());
      knownAt = began;
      if (isAway) log.info('auth tells revocations again');
      isAway = false;
    } catch (error) {
      if (!isAway && !stopped.signal.aborted) log.warn({ err: error }, 'auth does not tell revocations');
      isAway = true;
    }
    forget();
    if (!stopped.signal.aborted) timer = setTimeout(poll, POLL_MS).unref();
  }

  return {
    isRevoked: ({ userId, sessionId }) => known.has(userId) || (sessionId !== undefined && known.has(sessionId)),
    part: {
      name: 'revocations',
      start: () => void poll(),
      stop() {
        stopped.abort();
        clearTimeout(timer);
      },
    },
  };
}
