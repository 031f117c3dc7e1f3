import { createHash } from 'node:crypto';
import {
  ContentTooLargeError,
  InvalidError,
  UnavailableError,
  UnsupportedMediaTypeError,
} from '@wave-connect/chassis/errors';
import sharp from 'sharp';
import type { Avatar } from '../repository/profiles.ts';
import { createDecoderLimits, type DecoderLimits } from './decoder-limits.ts';

export const MAX_AVATAR_BYTES = 512 * 1024;
/** Pixels on each side of an image that is sent. */
const MAX_SIDE = 2_048;
/** The same of one that is stored already, from before there was a limit. */
const MAX_STORED_SIDE = 4_096;
/** Pixels on the longer side of what people see, unless the image has fewer. */
const SIDE = 512;
/** Of the entity tags of images made as they are made here. A change of that gets a new one, and images are made anew. */
const ENCODING = '1-';
const BYTES_PER_PIXEL = 4;

export type AvatarLimits = DecoderLimits & { timeoutS: number };
export type AvatarImages = ReturnType<typeof createAvatarImages>;

// What decodes an image is chosen by its bytes, and of libvips' decoders these alone may load what people send.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});
sharp.cache(false);
// Images are decoded beside each other, each by one thread.
sharp.concurrency(1);

/** Tells an image that is sent from all others, and how it was made into an avatar. */
export const avatarEtagOf = (bytes: Uint8Array): string =>
  `${ENCODING}${createHash('sha256').update(bytes).digest('base64url')}`;

/** Whether the avatar was made here. Others are as they were sent, of an earlier version of this service. */
export const isMadeHere = (avatarEtag: string): boolean => avatarEtag.startsWith(ENCODING);

/** Makes images into avatars. `refuse` makes the error for an image that would wait too long for its turn. */
export function createAvatarImages({ timeoutS, ...limits }: AvatarLimits, refuse: () => Error) {
  const decoders = createDecoderLimits(limits, refuse);

  async function make(bytes: Uint8Array<ArrayBuffer>, maxSide: number, declaredType?: string): Promise<Avatar> {
    const open = () => sharp(bytes, { failOn: 'error', limitInputPixels: maxSide * maxSide });
    const { format, width, height, depth } = await open().metadata().catch(refuseUnreadable);
    if (declaredType !== undefined && `image/${format}` !== declaredType) {
      throw new UnsupportedMediaTypeError('The bytes are not those of an image of the type declared.');
    }
    const memory = width * height * BYTES_PER_PIXEL * (depth === 'ushort' ? 2 : 1);
    if (width > maxSide || height > maxSide || memory > limits.memoryBytes) {
      throw new ContentTooLargeError(`The image has more than ${maxSide} × ${maxSide} pixels.`);
    }
    const avatar = await decoders.during(memory, () =>
      open()
        .autoOrient()
        .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
        .webp()
        .timeout({ seconds: timeoutS })
        .toBuffer()
        .catch(refuseUnreadable),
    );
    return { avatar: new Uint8Array(avatar), avatarType: 'image/webp', avatarEtag: avatarEtagOf(bytes) };
  }

  return {
    /** @throws UnsupportedMediaTypeError where the bytes are no image of the declared type */
    read: (bytes: Uint8Array<ArrayBuffer>, declaredType: string): Promise<Avatar> => {
      if (bytes.length === 0) throw new InvalidError('The body holds no image.');
      return make(bytes, MAX_SIDE, declaredType);
    },

    /** The avatar of an image that is stored as it was sent; undefined where it cannot be made into one. */
    renew: (bytes: Uint8Array<ArrayBuffer>): Promise<Avatar | undefined> =>
      make(bytes, MAX_STORED_SIDE).catch((error) => {
        if (error instanceof UnsupportedMediaTypeError || error instanceof ContentTooLargeError) return undefined;
        throw error;
      }),
  };
}

/** libvips names no kinds of errors; all but running out of time are about the bytes. */
function refuseUnreadable(error: Error): never {
  if (error.message.startsWith('timeout')) throw new UnavailableError('The image took too long; please try again.');
  if (error.message.includes('pixel limit')) throw new ContentTooLargeError('The image has too many pixels.');
  throw new UnsupportedMediaTypeError('The bytes are not those of a PNG, JPEG or WebP image.');
}
