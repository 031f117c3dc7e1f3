import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/problem.ts';
import { session } from './session.ts';

const RETRIES = 3;
const MAX_WAIT_S = 30;
const FRESH_MS = 30_000;

/** What the server has told, and when to ask again. A session that has ended is noticed here, whatever call says so. */
export function createQueryClient(): QueryClient {
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError: noticeExpiry }),
    mutationCache: new MutationCache({ onError: noticeExpiry }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < RETRIES && error instanceof ApiError && worthWaiting(error),
        retryDelay: (failures, error) => 1_000 * waitS(failures, error),
      },
      mutations: { networkMode: 'always' },
    },
  });
  forgetBetweenUsers(queries);
  return queries;
}

/** What one has seen is not for the next person who logs in. */
function forgetBetweenUsers(queries: QueryClient): void {
  let last = session.user.get();
  session.user.subscribe(() => {
    if (last !== undefined) queries.clear();
    last = session.user.get();
  });
}

function noticeExpiry(error: unknown): void {
  const loggedIn = session.user.get() !== undefined;
  if (loggedIn && error instanceof ApiError && error.status === 401) session.end({ by: 'expiry' });
}

const worthWaiting = (error: ApiError): boolean => error.passes && (error.retryAfterS ?? 0) <= MAX_WAIT_S;

/** As long as the response says, else longer each time. */
const waitS = (failures: number, error: Error): number =>
  (error instanceof ApiError ? error.retryAfterS : undefined) ?? 2 ** failures;
