import { createServiceApp } from '@wave-connect/chassis/http/app';
import { createBase, type Overrides, type Service } from '@wave-connect/chassis/service/base';
import { createAuthRouter } from './api/router.ts';
import type { AuthConfig } from './config.ts';
import { createAccounts } from './domain/accounts.ts';
import { createPasswords } from './domain/passwords.ts';
import { createSigningSecret } from './domain/signing-secret.ts';
import { createTokens } from './domain/tokens.ts';
import { prismaDir } from './repository/client.ts';
import { createStore } from './repository/store.ts';

export function createAuth(config: AuthConfig, overrides: Overrides = {}): Service {
  const base = createBase('auth', config, prismaDir, overrides);
  const passwords = createPasswords(config.passwords);
  const secret = createSigningSecret(config.tokens, base.log);
  const accounts = createAccounts({
    store: createStore(base.pool, base.outbox),
    passwords,
    tokens: createTokens(secret, config.tokens.lifetimeS),
  });
  return base.serve(createServiceApp({ ...base, ...createAuthRouter(accounts) }), {
    parts: [secret, { name: 'passwords', stop: passwords.stop }],
  });
}
