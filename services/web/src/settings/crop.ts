/** A square of a picture: how far its middle is from the picture's, as a part of the picture's shorter side, and how close. */
export type Crop = { x: number; y: number; zoom: number };
export type Size = { width: number; height: number };

export const WHOLE: Crop = { x: 0, y: 0, zoom: 1 };
export const MAX_ZOOM = 4;

const clamp = (value: number, most: number): number => Math.min(Math.max(value, -most), most);

/** How far either way the square can be moved at a zoom. */
export function roomIn({ width, height }: Size, zoom: number): { x: number; y: number } {
  const shorter = Math.min(width, height);
  const room = (side: number) => (side / shorter - 1 / zoom) / 2;
  return { x: room(width), y: room(height) };
}

/** The nearest crop that shows nothing but the picture. */
export function within(size: Size, { x, y, zoom: wanted }: Crop): Crop {
  const zoom = Math.min(Math.max(wanted, 1), MAX_ZOOM);
  const room = roomIn(size, zoom);
  return { x: clamp(x, room.x), y: clamp(y, room.y), zoom };
}

/** That square in the picture's own pixels. */
export function squareOf(size: Size, { x, y, zoom }: Crop): { left: number; top: number; side: number } {
  const shorter = Math.min(size.width, size.height);
  const side = shorter / zoom;
  return { left: size.width / 2 + x * shorter - side / 2, top: size.height / 2 + y * shorter - side / 2, side };
}
