import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import styles from './conversation.module.css';
import type { Outgoing } from './messages.ts';

const { chat: words } = TEXT;

type Props = { outgoing: Outgoing; onRetry: () => void; onDiscard: () => void };

/** What one has written and is not known to be stored: how far it is and, where it got stuck, what can be done. */
export function OutgoingMessage({ outgoing: { text, state, problem }, onRetry, onDiscard }: Props) {
  const stuck = state === 'unsure' || state === 'refused';
  return (
    <li className={styles.mine} data-state={state}>
      <span className={styles.bubble}>{text}</span>
      <span className={styles.meta} role={stuck ? 'alert' : undefined}>
        {state === 'sending' && words.sending}
        {state === 'waiting' && words.waiting}
        {state === 'unsure' && words.unsure}
        {state === 'refused' && `${words.failed} ${problem?.title}: ${problem?.detail}`}
      </span>
      {stuck && (
        <span className={styles.ways}>
          <Button small onClick={onRetry}>
            {TEXT.ui.retry}
          </Button>
          <Button small look="quiet" onClick={onDiscard}>
            {words.discard}
          </Button>
        </span>
      )}
    </li>
  );
}
