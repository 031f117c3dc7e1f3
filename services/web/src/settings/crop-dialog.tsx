import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import dialogStyles from '../ui/dialog.module.css';
import { Dialog } from '../ui/dialog.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { type Crop, MAX_ZOOM, roomIn, WHOLE, within } from './crop.ts';
import { draw } from './picture.ts';
import styles from './settings.module.css';
import { useUploadAvatar } from './use-upload-avatar.ts';

const { settings: words } = TEXT;
const PREVIEW_PX = 512;

/** The part of a picture that becomes the avatar: dragged with a finger or a mouse, or set by sliders. */
export function CropDialog({ picture, onClose }: { picture: ImageBitmap; onClose: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [crop, setCrop] = useState<Crop>(WHOLE);
  const upload = useUploadAvatar(picture, { onDone: onClose });
  const room = roomIn(picture, crop.zoom);

  useEffect(() => {
    if (canvas.current) draw(canvas.current, picture, crop);
  }, [picture, crop]);

  const change = (next: (now: Crop) => Crop) => setCrop((now) => within(picture, next(now)));

  function drag(event: PointerEvent<HTMLCanvasElement>) {
    if (event.buttons === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { movementX, movementY } = event;
    const { width, height } = event.currentTarget.getBoundingClientRect();
    change(({ x, y, zoom }) => ({ x: x - movementX / width / zoom, y: y - movementY / height / zoom, zoom }));
  }

  const slider = (of: keyof Crop, min: number, max: number) => (
    <label className={styles.slider}>
      {words.sliders[of]}
      <input
        type="range"
        min={min}
        max={max}
        step="0.01"
        disabled={min === max}
        value={crop[of]}
        onChange={(event) => change((now) => ({ ...now, [of]: Number(event.target.value) }))}
      />
    </label>
  );

  return (
    <Dialog title={words.crop} onClose={onClose}>
      <canvas
        ref={canvas}
        className={styles.canvas}
        role="img"
        aria-label={words.preview}
        width={PREVIEW_PX}
        height={PREVIEW_PX}
        onPointerMove={drag}
      />
      <p className={styles.hint}>{words.cropHint}</p>
      <div>
        {slider('zoom', 1, MAX_ZOOM)}
        {slider('x', -room.x, room.x)}
        {slider('y', -room.y, room.y)}
      </div>
      {upload.error && <ProblemNotice error={upload.error} />}
      <div className={dialogStyles.actions}>
        <Button onClick={onClose}>{TEXT.ui.cancel}</Button>
        <Button look="primary" busy={upload.isPending && words.uploading} onClick={() => upload.mutate(crop)}>
          {words.useIt}
        </Button>
      </div>
    </Dialog>
  );
}
