import { createServiceApp } from '@wave-connect/chassis/http/app';
import { createSecurityEvents } from '@wave-connect/chassis/observability';
import { REVOCATIONS_PATH } from '@wave-connect/chassis/revocations';
import { createBase, type Overrides, type Service } from '@wave-connect/chassis/service/base';
import { revocationsSince } from './api/revocations.ts';
import { createAuthRouter } from './api/router.ts';
import type { AuthConfig } from './config.ts';
import { createAccounts } from './domain/accounts.ts';
import { createEmailHash } from './domain/email-hash.ts';
import { passwordCosts } from './domain/password-costs.ts';
import { createPasswords } from './domain/passwords.ts';
import { createSessionPruning } from './domain/session-pruning.ts';
import { createSessions } from './domain/sessions.ts';
import { createSignInProtection, signInPruning } from './domain/sign-in-protection.ts';
import { createSigningSecret } from './domain/signing-secret.ts';
import { createTokens } from './domain/tokens.ts';
import { prismaDir } from './repository/client.ts';
import { createStore } from './repository/store.ts';

export function createAuth(config: AuthConfig, overrides: Overrides = {}): Service {
  const base = createBase('auth', config, prismaDir, overrides);
  const passwords = createPasswords(config.passwords, base.shedding);
  const secret = createSigningSecret(config.tokens, base.log);
  const store = createStore(base.pool, base.outbox, config);
  const emailHash = createEmailHash(config.emailHashKey);
  const tokens = createTokens(secret, config.tokens.lifetimeS);
  const events = createSecurityEvents(base);
  const sessions = createSessions({ store, tokens, events, config: config.sessions });
  const accounts = createAccounts({
    store,
    passwords,
    protection: createSignInProtection({ store, passwords, emailHash }),
    sessions,
    emailHash,
    events,
    log: base.log,
  });
  const internal = { [REVOCATIONS_PATH]: ({ after }: { after?: unknown }) => revocationsSince(store, after) };
  return base.serve(createServiceApp({ ...base, ...createAuthRouter({ accounts, sessions }), internal }), {
    parts: [
      secret,
      signInPruning(store, base.log),
      ...createSessionPruning(store, base.log),
      passwordCosts(store, passwords, base.log),
      { name: 'passwords', stop: passwords.stop },
    ],
  });
}
