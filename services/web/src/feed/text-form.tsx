import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { ApiError } from '../api/problem.ts';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { useSecondsLeft } from '../ui/use-seconds-left.ts';
import styles from './text-form.module.css';
import { charactersIn, hasSomethingToShow, MAX_TEXT } from './text-limits.ts';

type Act = { mutate: (text: string, options: { onSuccess: () => void }) => void; isPending: boolean; error: unknown };

type Props = {
  act: Act;
  label: string;
  placeholder?: string;
  button: string;
  busy: string;
  initial?: string;
  rows?: number;
  onDone?: () => void;
  onCancel?: () => void;
};

/** How near to the limit it has to be for the number to matter. */
const NEAR = 200;

/** Text of a post or a comment, new or changed. Ctrl or Cmd with Enter sends it. */
export function TextForm({ act, label, placeholder, button, busy, initial = '', rows = 2, onDone, onCancel }: Props) {
  const [text, setText] = useState(initial);
  const left = MAX_TEXT - charactersIn(text);
  const error = act.error instanceof ApiError ? act.error : undefined;
  const secondsLeft = useSecondsLeft(error?.retryAfterS, error);
  const ready = hasSomethingToShow(text) && left >= 0 && secondsLeft === 0;

  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!ready || act.isPending) return;
    act.mutate(text, {
      onSuccess() {
        setText('');
        onDone?.();
      },
    });
  }

  function sendByKeys(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
    if (event.key === 'Escape') onCancel?.();
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <Field
        multiline
        label={label}
        labelHidden
        placeholder={placeholder ?? label}
        rows={rows}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={sendByKeys}
        problem={error?.fields.text}
      />
      {act.error != null && <ProblemNotice error={act.error} />}
      <div className={styles.actions}>
        <span role="status" className={left < 0 ? styles.over : styles.left}>
          {left < NEAR && TEXT.ui.charactersLeft(left)}
        </span>
        {onCancel && (
          <Button look="quiet" small onClick={onCancel}>
            {TEXT.ui.cancel}
          </Button>
        )}
        <Button type="submit" look="primary" small disabled={!ready} busy={act.isPending && busy}>
          {secondsLeft > 0 ? TEXT.ui.retryIn(secondsLeft) : button}
        </Button>
      </div>
    </form>
  );
}
