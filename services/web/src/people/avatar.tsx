import { useState } from 'react';
import { useStore } from '../ui/store.ts';
import styles from './avatar.module.css';
import { freshAvatars } from './fresh-avatars.ts';

type Size = 'small' | 'medium' | 'large';
type Props = { userId: string; name: string | null | undefined; url: string | null | undefined; size?: Size };

const HUES = 6;

/** Beside a name that says who it is. Where there is no picture, the first letter on a colour of one's own. */
export function Avatar({ userId, name, url, size = 'medium' }: Props) {
  const fresh = useStore(freshAvatars)[userId];
  const src = fresh ?? url;
  const [broken, setBroken] = useState<string>();
  const shape = `${styles.avatar} ${styles[size]}`;
  if (src && src !== broken) {
    return <img className={shape} src={src} alt="" width="48" height="48" onError={() => setBroken(src)} />;
  }
  return (
    <span className={`${shape} ${styles[`hue${hueOf(userId)}`]}`} aria-hidden="true">
      {(name ?? '').slice(0, 1).toUpperCase() || '·'}
    </span>
  );
}

/** The last digits of an id are random. */
const hueOf = (id: string): number => Number.parseInt(id.slice(-4), 16) % HUES;
