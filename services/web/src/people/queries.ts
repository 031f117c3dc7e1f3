import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getProfile, getProfileByUsername } from '../api/client.ts';
import { profileKey } from '../session/use-me.ts';

const LONG_MS = 5 * 60_000;

export const useProfile = (id: string) =>
  useQuery({ queryKey: profileKey(id), queryFn: () => getProfile({ path: { id } }), staleTime: LONG_MS });

export function useProfileByUsername(username: string) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: ['username', username.toLowerCase()],
    async queryFn() {
      const profile = await getProfileByUsername({ path: { username } });
      queries.setQueryData(profileKey(profile.id), profile);
      return profile;
    },
  });
}
