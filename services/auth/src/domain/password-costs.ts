import type { Logger } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import type { Store } from '../repository/store.ts';
import type { Passwords } from './passwords.ts';

/** How often, in ms, it is looked whether a replica with another `BCRYPT_COST` has made costlier hashes. */
const LOOK_MS = 60_000;

/** Keeps passwords told of the costliest hash in use. */
export function passwordCosts({ users }: Pick<Store, 'users'>, passwords: Passwords, log: Logger): Part {
  let timer: NodeJS.Timeout | undefined;
  async function look(): Promise<void> {
    try {
      passwords.inUse((await users.costliestHash()) ?? 0);
    } catch (error) {
      log.debug({ err: error }, 'the costliest hash in use is not known for now');
    }
  }
  return {
    name: 'password costs',
    start() {
      void look();
      timer = setInterval(look, LOOK_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
