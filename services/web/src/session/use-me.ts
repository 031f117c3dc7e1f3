import { useQuery } from '@tanstack/react-query';
import { getProfile, type Profile } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { useStore } from '../ui/store.ts';
import { session } from './session.ts';

export const profileKey = (id: string) => ['profile', id] as const;

/** The id of the person who is logged in, for parts of a view that no other person sees. */
export function useUserId(): string {
  const id = useStore(session.user);
  if (id === undefined) throw new Error('no person is logged in');
  return id;
}

/** One's own profile. */
export function useMe() {
  const id = useUserId();
  return useQuery({ queryKey: profileKey(id), queryFn: () => ownProfile(id) });
}

/** A profile comes by event, a moment after its account: until then it is an empty one. */
async function ownProfile(id: string): Promise<Profile> {
  try {
    return await getProfile({ path: { id } });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return emptyProfile(id);
    throw error;
  }
}

export const emptyProfile = (id: string): Profile => ({
  id,
  username: null,
  bio: '',
  avatar_url: null,
  time_created: new Date().toISOString(),
});
