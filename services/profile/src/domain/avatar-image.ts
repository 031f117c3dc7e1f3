import { createHash } from 'node:crypto';
import { InvalidError, UnsupportedMediaTypeError } from '@wave-connect/chassis/errors';
import { fileTypeFromBuffer } from 'file-type';
import type { Avatar, AvatarType } from '../repository/profiles.ts';

export const MAX_AVATAR_BYTES = 512 * 1024;

/**
 * Takes an image for what its bytes say it is.
 * @throws UnsupportedMediaTypeError where that is not `declaredType`
 */
export async function readAvatar(bytes: Uint8Array<ArrayBuffer>, declaredType: AvatarType): Promise<Avatar> {
  if (bytes.length === 0) throw new InvalidError('The body holds no image.');
  const found = (await fileTypeFromBuffer(bytes))?.mime;
  if (found !== declaredType) {
    throw new UnsupportedMediaTypeError('The bytes are not those of a PNG, JPEG or WebP image of the type declared.');
  }
  const avatarEtag = createHash('sha256').update(bytes).digest('base64url');
  return { avatar: bytes, avatarType: declaredType, avatarEtag };
}
