import { createStore } from '../ui/store.ts';

const KEY = 'wave.user';

/**
 * Who is logged in, as far as this browser remembers: their id. The token is in a cookie that no script can read, so
 * this is a guess that the first response confirms or ends. All tabs share it.
 */
const user = createStore<string | undefined>(localStorage.getItem(KEY) ?? undefined);

/** Whether the session ended by itself, which the log-in page then says. */
const expired = createStore(false);

export const session = {
  user,
  expired,

  begin(id: string): void {
    localStorage.setItem(KEY, id);
    expired.set(() => false);
    user.set(() => id);
  },

  end({ by }: { by: 'choice' | 'expiry' }): void {
    localStorage.removeItem(KEY);
    expired.set(() => by === 'expiry');
    user.set(() => undefined);
  },
};

addEventListener('storage', ({ key, newValue }) => {
  if (key === KEY || key === null) user.set(() => newValue ?? undefined);
});
