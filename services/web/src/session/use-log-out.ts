import { useMutation } from '@tanstack/react-query';
import { logOut } from '../api/client.ts';
import { session } from './session.ts';

export const useLogOut = () =>
  useMutation({ mutationFn: () => logOut(), onSuccess: () => session.end({ by: 'choice' }) });
