import { randomBytes } from 'node:crypto';
import { NotFoundError, UnauthenticatedError, UnavailableError } from '@wave-connect/chassis/errors';
import type { SecurityEvent, SecurityEvents } from '@wave-connect/chassis/observability';
import { type Page, type PageQuery, readPage } from '@wave-connect/chassis/pagination';
import type { AuthConfig } from '../config.ts';
import type { ListedSession, NewSession, Revoked, Session } from '../repository/sessions.ts';
import type { Store, Tables } from '../repository/store.ts';
import { type RefreshToken, readRefreshToken, refreshTokenOf } from './refresh-tokens.ts';
import type { Token, Tokens } from './tokens.ts';

/** 256 bits, as many as the HMAC has (RFC 2104, section 3). */
const KEY_BYTES = 32;

/** A rotation that another one overtook starts anew. */
const MAX_ATTEMPTS = 3;

/** User agents are told to people, not parsed. */
const MAX_USER_AGENT = 400;

/** What a client is handed at sign-in and at each refresh. */
export type SignedIn = Token & { sessionId: string; refreshToken: string; refreshExpiresInS: number };

export type Sessions = ReturnType<typeof createSessions>;

type Parts = {
  store: Pick<Store, 'sessions' | 'transaction'>;
  tokens: Tokens;
  events: SecurityEvents;
  config: AuthConfig['sessions'];
};

/** Sign-ins, as they are renewed and ended. */
export function createSessions({ store, tokens, events, config }: Parts) {
  const { idleS, maxS, maxPerUser, reuseS } = config;
  const inFlight = new Map<string, Promise<SignedIn>>();

  const revoke = (end: (sessions: Tables['sessions']) => Promise<Revoked[]>): Promise<Revoked[]> =>
    store.transaction(async ({ sessions, outbox }) => announce(outbox, await end(sessions)));

  async function present(session: Session): Promise<SignedIn> {
    return {
      ...(await tokens.issue(session)),
      sessionId: session.id,
      refreshToken: refreshTokenOf(session),
      refreshExpiresInS: Math.max(1, session.expiresInS),
    };
  }

  async function renew(token: RefreshToken, network: string, attempts = MAX_ATTEMPTS): Promise<SignedIn> {
    const record = (outcome: SecurityEvent['outcome'], about: Pick<SecurityEvent, 'userId' | 'reason'>) =>
      events.record({ event: 'session-refresh', outcome, network, ...about });
    const session = await store.sessions.find(token.sessionId, reuseS);
    if (!session || !token.isGenuine(session.refreshKey) || token.counter > session.counter) {
      record('failure', { reason: 'invalid' });
      throw invalid();
    }
    const { userId } = session;
    if (token.counter === session.counter) {
      const rotated = await store.sessions.rotate(session.id, session.counter, idleS);
      if (!rotated) return tryAgain(token, network, attempts);
      record('success', { userId });
      return present(rotated);
    }
    // A second tab, or a client that the response has not reached.
    if (token.counter === session.counter - 1 && session.justRotated) return present(session);
    record('failure', { userId, reason: 'reused' });
    // Committed although the response is 401.
    await revoke((sessions) => sessions.revoke(session.id));
    throw invalid();
  }

  /** Another request has rotated it in between, or ended the session. */
  function tryAgain(token: RefreshToken, network: string, attempts: number): Promise<SignedIn> {
    if (attempts === 1) throw new UnavailableError('This session is being refreshed; please try again.');
    return renew(token, network, attempts - 1);
  }

  return {
    list: (userId: string, query: PageQuery): Promise<Page<ListedSession>> =>
      readPage(
        query,
        (after, take) => store.sessions.list(userId, after, take),
        ({ id }) => id,
        (session) => session,
      ),

    /** @throws NotFoundError where the account has no such session */
    async end(userId: string, id: string, network: string): Promise<void> {
      const ended = await revoke((sessions) => sessions.revokeOwned(userId, id));
      if (ended.length === 0) throw new NotFoundError('You have no such session.');
      events.record({ event: 'session-revocation', outcome: 'success', userId, network });
    },

    /** Ends the session of a client that signs out, or others of its account. One that has ended already ends nothing. */
    async signOut(id: string, scope: 'local' | 'others' | 'global', network: string): Promise<void> {
      const session = await store.sessions.find(id, reuseS);
      if (!session) return;
      await revoke((sessions) =>
        scope === 'local'
          ? sessions.revoke(id)
          : sessions.revokeAll(session.userId, scope === 'others' ? id : undefined),
      );
      events.record({ event: 'sign-out', outcome: 'success', reason: scope, userId: session.userId, network });
    },

    /** @returns undefined where the account is gone or its password has changed since it was compared */
    async begin(current: NewSession['current'], client: NewSession['client']): Promise<SignedIn | undefined> {
      const session = await store.transaction(async ({ sessions, outbox }) => {
        const refreshKey = randomBytes(KEY_BYTES);
        const userAgent = client.userAgent.slice(0, MAX_USER_AGENT);
        const begun = await sessions.insert({ current, refreshKey, client: { ...client, userAgent }, idleS, maxS });
        if (begun) await announce(outbox, await sessions.revokeBeyond(current.id, maxPerUser));
        return begun;
      });
      return session && present(session);
    },

    /**
     * Rotates the refresh token. Refreshes of one token at once are one, so that a storm of them takes one connection.
     * @throws UnauthenticatedError for a token that is unknown, expired or revoked; one that is reused ends its session
     */
    refresh(text: string, network: string): Promise<SignedIn> {
      const token = readRefreshToken(text);
      if (!token) return Promise.reject(invalid());
      const shared =
        inFlight.get(text) ??
        renew(token, network).finally(() => {
          inFlight.delete(text);
        });
      inFlight.set(text, shared);
      return shared;
    },
  };
}

/** Tells other services which sessions have ended. */
export async function announce(outbox: Tables['outbox'], revoked: Revoked[]): Promise<Revoked[]> {
  for (const { userId, sessionId } of revoked) {
    await outbox.append('session-revoked', {
      aggregateType: 'user',
      aggregateId: userId,
      payload: { user_id: userId, session_id: sessionId },
    });
  }
  return revoked;
}

const invalid = () => new UnauthenticatedError('The refresh token is not valid: sign in again.');
