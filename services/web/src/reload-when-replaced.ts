const KEY = 'wave.reloaded';
/** ms within which a second reload would be in vain. */
const ONCE_IN_MS = 30_000;

/**
 * After a new version has been put in place, parts of the old one that this page has not loaded yet are gone. The new
 * page has its own; a part that is missing there too is left to the page's error.
 */
export function reloadWhenReplaced(): void {
  addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < ONCE_IN_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    location.reload();
  });
}
