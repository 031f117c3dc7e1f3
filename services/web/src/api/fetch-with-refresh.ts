const REFRESH = '/api/auth/session/refresh';
/** A 401 of these is no reason to refresh. */
const WITHOUT_TOKEN = ['/api/auth/login', '/api/auth/register', '/api/auth/logout', REFRESH];
const UNAUTHENTICATED = 401;

/** When a tab of this browser refreshed last, in ms of the epoch. */
const KEY = 'wave.refreshed';
const LOCK = 'wave.refresh';

/**
 * Fetches, and where the response is 401 once more, after the access token has been refreshed by the cookie `refresh`,
 * which no script can read. One tab refreshes for all that wait.
 */
export async function fetchWithRefresh(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const again = request.clone();
  const began = Date.now();
  const response = await fetch(request);
  if (response.status !== UNAUTHENTICATED || WITHOUT_TOKEN.includes(new URL(request.url).pathname)) return response;
  const refreshed = await oneAtATime(() => refreshUnlessDone(began));
  if (refreshed === undefined || refreshed.ok) return fetch(again);
  // A refresh that may succeed later is no end of the session.
  return refreshed.status === UNAUTHENTICATED ? response : refreshed;
}

/** Over all tabs; without Web Locks, which need TLS, each for itself, and the server lets a second tab pass. */
const oneAtATime = <Result>(work: () => Promise<Result>): Promise<Result> =>
  'locks' in navigator ? navigator.locks.request(LOCK, work) : work();

/** @returns undefined where another tab has refreshed meanwhile */
async function refreshUnlessDone(since: number): Promise<Response | undefined> {
  if (Number(localStorage.getItem(KEY) ?? 0) >= since) return undefined;
  const response = await fetch(REFRESH, { method: 'POST' });
  if (response.ok) localStorage.setItem(KEY, String(Date.now()));
  return response;
}
