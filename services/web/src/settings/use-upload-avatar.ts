import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Profile, setAvatar } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { showFreshAvatar } from '../people/fresh-avatars.ts';
import { profileKey, useUserId } from '../session/use-me.ts';
import { TEXT } from '../text.ts';
import { announce } from '../ui/announcer.tsx';
import type { Crop } from './crop.ts';
import { encode } from './picture.ts';

const { settings: words } = TEXT;

export function useUploadAvatar(picture: ImageBitmap, { onDone }: { onDone: () => void }) {
  const me = useUserId();
  const queries = useQueryClient();
  return useMutation({
    async mutationFn(crop: Crop) {
      const blob = await encode(picture, crop);
      if (!blob) throw new ApiError({ status: 413, ...words.tooLarge });
      // As it is: the client writes JSON unless it is told not to.
      await setAvatar({ body: blob, bodySerializer: null, headers: { 'Content-Type': blob.type } });
      return blob;
    },
    onSuccess(blob) {
      showFreshAvatar(me, blob);
      queries.setQueryData<Profile>(
        profileKey(me),
        (own) => own && { ...own, avatar_url: `/api/profile/avatar/${me}` },
      );
      announce(words.uploaded);
      onDone();
    },
  });
}
