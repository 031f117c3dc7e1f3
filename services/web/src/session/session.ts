import { createStore } from '../ui/store.ts';

const KEY = 'wave.user';

const remembered = () => localStorage.getItem(KEY) || undefined;

/**
 * Who is logged in, as far as this browser remembers: their id. The token is in a cookie that no script can read, so
 * this is a guess that the first response confirms or ends. All tabs share it.
 */
const user = createStore(remembered());

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
    // The response to logging out has cleared the storage, and what is gone already tells other tabs nothing.
    localStorage.setItem(KEY, '');
    localStorage.removeItem(KEY);
    expired.set(() => by === 'expiry');
    user.set(() => undefined);
  },
};

addEventListener('storage', ({ key }) => {
  if (key === KEY || key === null) user.set(remembered);
});

/** A page that Back has brought out of the browser's cache was told of nothing meanwhile. */
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) user.set(remembered);
});
