import type { ReactNode } from 'react';
import { ApiError } from '../api/problem.ts';
import { TEXT } from '../text.ts';
import { Button } from './button.tsx';
import { classes } from './classes.ts';
import styles from './notice.module.css';
import { useSecondsLeft } from './use-seconds-left.ts';

/** What went wrong, and a way to try again where there is one. */
export function ProblemNotice({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { title, detail, requestId, retryAfterS } = asApiError(error);
  const secondsLeft = useSecondsLeft(retryAfterS, error);
  return (
    <div role="alert" className={classes(styles.notice, styles.problem)}>
      <p className={styles.title}>{title}</p>
      <p>{detail}</p>
      {requestId && <p className={styles.id}>{TEXT.problems.requestId(requestId)}</p>}
      {retry && (
        <Button small disabled={secondsLeft > 0} onClick={retry}>
          {secondsLeft > 0 ? TEXT.ui.retryIn(secondsLeft) : TEXT.ui.retry}
        </Button>
      )}
    </div>
  );
}

export function Note({ children }: { children: ReactNode }) {
  return (
    <p role="status" className={classes(styles.notice, styles.note)}>
      {children}
    </p>
  );
}

/** In the place of a list that has nothing in it. */
export function Empty({ title, detail, children }: { title: string; detail: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      <p>{detail}</p>
      {children}
    </div>
  );
}

const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError({ status: 0, ...TEXT.problems.crash });
