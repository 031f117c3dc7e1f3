import { TEXT } from '../text.ts';
import { classes } from './classes.ts';
import styles from './skeleton.module.css';

const PLACES = ['first', 'second', 'third', 'fourth'];

/** In the place of posts that are on their way, and as tall as they are. */
export const PostSkeletons = () => <Skeletons lines={['short', 'long', 'long']} tall />;

/** The same for what has a name and a line. */
export const RowSkeletons = () => <Skeletons lines={['short', 'long']} />;

function Skeletons({ lines, tall = false }: { lines: ('short' | 'long')[]; tall?: boolean }) {
  return (
    <div role="status">
      <span className="sr-only">{TEXT.ui.loading}</span>
      {PLACES.map((place) => (
        <div key={place} className={classes(styles.row, tall && styles.tall)} aria-hidden>
          <span className={styles.disc} />
          <span className={styles.lines}>
            {lines.map((line, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no other name and never change
              <span key={at} className={styles[line]} />
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}
