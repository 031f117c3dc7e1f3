import { Link } from 'wouter';
import { TEXT } from '../text.ts';
import { Icon } from '../ui/icon.tsx';
import styles from './back.module.css';

export function Back({ to }: { to: string }) {
  return (
    <Link href={to} className={styles.back}>
      <Icon name="back" />
      <span className="sr-only">{TEXT.post.back}</span>
    </Link>
  );
}
