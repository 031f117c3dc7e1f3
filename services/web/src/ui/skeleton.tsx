import { TEXT } from '../text.ts';
import styles from './skeleton.module.css';

const PLACES = ['first', 'second', 'third', 'fourth'];

/** In the place of posts that are on their way, and as tall as they are. */
export function PostSkeletons() {
  return (
    <div role="status">
      <span className="sr-only">{TEXT.ui.loading}</span>
      {PLACES.map((place) => (
        <div key={place} className={styles.post} aria-hidden>
          <span className={styles.disc} />
          <span className={styles.lines}>
            <span className={styles.short} />
            <span className={styles.long} />
            <span className={styles.long} />
          </span>
        </div>
      ))}
    </div>
  );
}

export function RowSkeletons() {
  return (
    <div role="status">
      <span className="sr-only">{TEXT.ui.loading}</span>
      {PLACES.map((place) => (
        <div key={place} className={styles.row} aria-hidden>
          <span className={styles.disc} />
          <span className={styles.lines}>
            <span className={styles.short} />
            <span className={styles.long} />
          </span>
        </div>
      ))}
    </div>
  );
}
