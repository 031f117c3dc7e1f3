import { type Crop, squareOf } from './crop.ts';

/** As the contract has it. */
const MAX_AVATAR_BYTES = 512 * 1024;
const SIDE = 512;
/** Tried one after the other until the picture is small enough. A browser that cannot write one writes PNG. */
const WAYS = [
  { type: 'image/webp', quality: 0.85 },
  { type: 'image/jpeg', quality: 0.85 },
  { type: 'image/jpeg', quality: 0.6 },
];

export function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: Crop): void {
  const { left, top, side } = squareOf(picture, crop);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingQuality = 'high';
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
}

/** What is sent, without whatever else the file told, such as where it was taken. Undefined where it stays too large. */
export async function encode(picture: ImageBitmap, crop: Crop): Promise<Blob | undefined> {
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  draw(canvas, picture, crop);
  for (const { type, quality } of WAYS) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
    if (blob && blob.size <= MAX_AVATAR_BYTES) return blob;
  }
  return undefined;
}
