import { useEffect, useState } from 'react';
import { TEXT } from '../text.ts';
import type { ConnectionState } from './connection.ts';
import styles from './conversation.module.css';

/** A connection that is back at once is not worth a word. */
const PATIENCE_MS = 1_500;

export function ConnectionNote({ state }: { state: ConnectionState }) {
  const isOpen = state === 'open';
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(!isOpen), isOpen ? 0 : PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isOpen]);
  return (
    <div role="status" className={styles.connection}>
      {shown && <p>{TEXT.chat.offline}</p>}
    </div>
  );
}
