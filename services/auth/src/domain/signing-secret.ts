import type { Logger } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import type { TokensConfig } from '../config.ts';

/** How often, in ms, it is looked whether the secret has changed. */
const LOOK_MS = 1_000;

export type SigningSecret = Part & { value(): string };

/**
 * The secret that tokens are signed with now. A new one and the one before it arrive together, but each node of a
 * cluster is handed them in its own time; so the one before, which every gateway knows, signs on until this process has
 * seen the pair for `rotationDelayS`. Where there is none before, as after a leak, the new one signs at once.
 */
export function createSigningSecret(
  { secret, previousSecret, rotationDelayS }: Omit<TokensConfig, 'lifetimeS'>,
  log: Logger,
): SigningSecret {
  secret.onProblem((problem) => log.error({ problem }, 'JWT_SECRET cannot be read again'));
  previousSecret?.onProblem((problem) => log.error({ problem }, 'JWT_SECRET_PREVIOUS cannot be read again'));
  let seen: { current: string; previous: string | undefined; at: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function value(): string {
    // In this order: asked for second, the one before is never missing where the new one is there.
    const current = secret.value();
    const previous = previousSecret?.value();
    if (seen?.current !== current || seen.previous !== previous) {
      if (seen !== undefined) log.info('JWT_SECRET or JWT_SECRET_PREVIOUS has changed');
      seen = { current, previous, at: performance.now() };
    }
    const delayed = performance.now() - seen.at < rotationDelayS * 1_000;
    return delayed && previous !== undefined ? previous : current;
  }

  return {
    name: 'signing secret',
    value,
    // The delay begins with the change, not with the first token after it.
    start() {
      value();
      timer = setInterval(value, LOOK_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
