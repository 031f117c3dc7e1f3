import type { ReactNode } from 'react';
import { TEXT } from '../text.ts';
import { Button } from './button.tsx';
import styles from './dialog.module.css';
import { Dialog } from './dialog.tsx';
import { ProblemNotice } from './notice.tsx';

type Act = { mutate: () => void; isPending: boolean; error: unknown };

type Props = {
  title: string;
  detail: string;
  yes: string;
  busy: string;
  act: Act;
  ready?: boolean;
  onClose: () => void;
  children?: ReactNode;
};

/** Asks before what cannot be undone. */
export function Confirm({ title, detail, yes, busy, act, ready = true, onClose, children }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{detail}</p>
      {children}
      {act.error != null && <ProblemNotice error={act.error} />}
      <div className={styles.actions}>
        <Button onClick={onClose}>{TEXT.ui.cancel}</Button>
        <Button look="danger" disabled={!ready} busy={act.isPending && busy} onClick={() => act.mutate()}>
          {yes}
        </Button>
      </div>
    </Dialog>
  );
}
