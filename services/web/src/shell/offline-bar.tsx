import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { TEXT } from '../text.ts';
import styles from './offline-bar.module.css';

const isOnline = () => onlineManager.isOnline();
const follow = (listener: () => void) => onlineManager.subscribe(listener);

export function OfflineBar() {
  const online = useSyncExternalStore(follow, isOnline);
  return (
    <div role="status" className={styles.bar}>
      {!online && <p>{TEXT.problems.offline}</p>}
    </div>
  );
}
