import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Credentials, getCaller, login, register } from '../api/client.ts';
import { session } from './session.ts';
import { emptyProfile, profileKey } from './use-me.ts';

/** Logs in, once an account is there. The token stays in the cookie that the response sets. */
export function useEnter({ asNew }: { asNew: boolean }) {
  const queries = useQueryClient();
  return useMutation({
    async mutationFn(credentials: Credentials) {
      if (asNew) await register({ body: credentials });
      await login({ body: credentials });
      return getCaller();
    },
    onSuccess({ id }) {
      if (asNew) queries.setQueryData(profileKey(id), emptyProfile(id));
      session.begin(id);
    },
  });
}
