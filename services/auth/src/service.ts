import { createServiceApp } from '@wave-connect/chassis/http/app.ts';
import { createBase, type Overrides, type Service } from '@wave-connect/chassis/service/base.ts';
import { createAuthRouter } from './api/router.ts';
import type { AuthConfig } from './config.ts';
import { createAccounts } from './domain/accounts.ts';
import { createPasswords } from './domain/passwords.ts';
import { createTokens } from './domain/tokens.ts';
import { createClient, prismaDir } from './repository/client.ts';
import { createUsers } from './repository/users.ts';

export function createAuth(config: AuthConfig, overrides: Overrides = {}): Service {
  const base = createBase('auth', config, prismaDir, overrides);
  const passwords = createPasswords(config.passwords);
  const accounts = createAccounts({
    users: createUsers(createClient(base.pool)),
    passwords,
    tokens: createTokens(config.secrets.jwtSecret, config.tokenLifetimeS),
    onEvent: base.relay.wake,
  });
  return base.serve(createServiceApp({ ...base, ...createAuthRouter(accounts) }), {
    parts: [{ name: 'passwords', stop: passwords.stop }],
  });
}
