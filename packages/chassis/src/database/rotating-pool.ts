import pg from 'pg';
import type { Secret } from '../config/secret.ts';
import { withUnknownOutcomes } from './unknown-outcome.ts';

/** SQLSTATEs of a login that the server refuses: a wrong password, a role that may not come in. */
const REFUSED_LOGIN = new Set(['28P01', '28000']);
/** The password of the role may change between two logins, so the first value is tried once more after the other one. */
const MOST_LOGINS = 3;

type PoolOptions = Omit<pg.PoolConfig, 'connectionString' | 'Client'> & {
  /** Whether statements keep their names, by which a session prepares them once; a pooler lends sessions that have not. */
  named?: boolean;
};

/**
 * A pool whose connections are opened with the URL of the moment. A Secret and the password of its role do not change
 * at once, so where a login is refused it is tried with the other value, the one before the current one or after it.
 */
export class RotatingPool extends pg.Pool {
  readonly #logins: Logins;

  constructor(url: Secret, { named = true, ...options }: PoolOptions) {
    const logins = createLogins(url);
    const Client = named ? logins.Client : withoutNames(logins.Client);
    super({ ...options, Client: withUnknownOutcomes(Client) });
    this.#logins = logins;
  }

  override connect(): Promise<pg.PoolClient> {
    return this.#connect();
  }

  /** As the pool's own, but with the query's error where the connection breaks, which says what has become of it. */
  override query(...args: unknown[]): never {
    return this.#query(args) as never;
  }

  async #query(args: unknown[]): Promise<unknown> {
    const client = await this.connect();
    let failure: Error | undefined;
    const ignore = () => {};
    client.on('error', ignore);
    try {
      return await Reflect.apply(client.query, client, args);
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.removeListener('error', ignore);
      client.release(failure);
    }
  }

  async #connect(logins = 1): Promise<pg.PoolClient> {
    try {
      return await super.connect();
    } catch (error) {
      if (!this.#mayTryAgain(error, logins)) throw error;
      return this.#connect(logins + 1);
    }
  }

  #mayTryAgain(error: unknown, logins: number): boolean {
    return isRefusedLogin(error) && logins < MOST_LOGINS && this.#logins.haveChoice();
  }
}

export type Logins = {
  /** For a pool that makes its clients itself. */
  Client: new () => pg.Client;
  /** Whether the value before the current one might do. */
  haveChoice(): boolean;
};

export function createLogins(url: Secret): Logins {
  let refused: string | undefined;

  /** The current URL, and the one before it where that leads to the same database. */
  function choices(): string[] {
    const [current, previous] = [url.value(), url.previous()];
    return previous !== undefined && isSameDatabase(current, previous) ? [current, previous] : [current];
  }
  const choose = (): string => {
    const all = choices();
    return all.find((each) => each !== refused) ?? (all[0] as string);
  };

  class Client extends pg.Client {
    readonly #url: string;

    constructor(options: pg.ClientConfig = {}) {
      const chosen = choose();
      super({ ...options, connectionString: chosen });
      this.#url = chosen;
    }

    override connect(): Promise<this>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<this> | undefined {
      if (callback === undefined) return super.connect() as Promise<this>;
      super.connect((error: Error) => {
        if (isRefusedLogin(error)) refused = this.#url;
        callback(error);
      });
      return undefined;
    }
  }
  return { Client, haveChoice: () => choices().length > 1 };
}

/** PgBouncer has one SQLSTATE for all that it refuses by itself, and says which it is. */
const REFUSED_BY_POOLER = /^(?:SASL|password) authentication failed/;

const isRefusedLogin = (error: unknown): boolean =>
  error instanceof pg.DatabaseError &&
  (REFUSED_LOGIN.has(error.code ?? '') || (error.code === '08P01' && REFUSED_BY_POOLER.test(error.message)));

function isSameDatabase(one: string, other: string): boolean {
  const [first, second] = [new URL(one), new URL(other)];
  return first.host === second.host && first.pathname === second.pathname;
}

/** Clients that prepare nothing for later. */
function withoutNames(Client: Logins['Client']): Logins['Client'] {
  return class extends Client {
    override query(...args: unknown[]): never {
      const [statement, ...more] = args;
      const unnamed = isNamed(statement) ? { ...statement, name: undefined } : statement;
      return Reflect.apply(super.query, this, [unnamed, ...more]) as never;
    }
  };
}

const isNamed = (statement: unknown): statement is { name: string } =>
  typeof statement === 'object' && statement !== null && 'name' in statement;
