import type { SignInConfig } from '../config.ts';
import type { Db } from './client.ts';

/** Whose password is tried, and from where. */
export type SignIn = {
  /** A keyed hash of the email, with or without an account. */
  account: Uint8Array<ArrayBuffer>;
  /** Undefined for an unknown email. */
  userId: string | undefined;
  network: string;
};

/** Networks that are remembered for one person. */
const MOST_KNOWN_NETWORKS = 20;

/** Functions of the database, so that each is one round trip and replicas agree. */
export const signInsIn = (db: Db, limits: SignInConfig) => {
  const refillS = 60 / limits.accountPerMinute;
  return {
    /** Counts a failure in advance and returns 0, or returns the seconds to wait. */
    async begin({ account, userId, network }: SignIn): Promise<number> {
      const [row] = await db.$queryRaw<{ wait: number }[]>`
        SELECT begin_sign_in(${account}, ${userId ?? null}::uuid, ${network}, ${limits.failures}::int,
                             ${limits.windowS}::int, ${limits.maxDelayS}::int, ${limits.accountFailures}::int,
                             ${refillS}, ${limits.knownNetworkDays}::int) AS wait`;
      if (!row) throw new Error('begin_sign_in returned no row');
      return row.wait;
    },

    /** Takes that back where no password was compared. */
    async abandon({ account, network }: SignIn): Promise<void> {
      await db.$executeRaw`SELECT abandon_sign_in(${account}, ${network})`;
    },

    /** Forgets the failures, for the password was right. */
    async complete({ account, userId, network }: SignIn): Promise<void> {
      await db.$executeRaw`
        SELECT complete_sign_in(${account}, ${userId}::uuid, ${network}, ${refillS}, ${limits.knownNetworkDays}::int,
                                ${MOST_KNOWN_NETWORKS}::int)`;
    },

    async rememberNetwork(userId: string, network: string): Promise<void> {
      await db.$executeRaw`SELECT remember_network(${userId}::uuid, ${network}, ${MOST_KNOWN_NETWORKS}::int)`;
    },

    /** Deletes at most `batch` outdated rows of each table, and returns the largest number. */
    async prune(batch: number): Promise<number> {
      const deleted = [
        await db.$executeRaw`
          DELETE FROM sign_in_failures WHERE (account, network) IN (
            SELECT account, network FROM sign_in_failures WHERE expires_at < now()
             ORDER BY expires_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)`,
        await db.$executeRaw`
          DELETE FROM sign_in_allowances WHERE account IN (
            SELECT account FROM sign_in_allowances WHERE full_at < now()
             ORDER BY full_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)`,
        await db.$executeRaw`
          DELETE FROM known_networks WHERE (user_id, network) IN (
            SELECT user_id, network FROM known_networks
             WHERE last_seen < now() - make_interval(days => ${limits.knownNetworkDays}::int)
             ORDER BY last_seen LIMIT ${batch} FOR UPDATE SKIP LOCKED)`,
      ];
      return Math.max(...deleted);
    },
  };
};
