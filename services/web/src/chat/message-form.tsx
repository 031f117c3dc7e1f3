import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { charactersIn, hasSomethingToShow, MAX_TEXT } from '../feed/text-limits.ts';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './conversation.module.css';

const { chat: words } = TEXT;

/** Enter sends, Shift with Enter begins a line. */
export function MessageForm({ name, onSend }: { name: string; onSend: (text: string) => void }) {
  const [text, setText] = useState('');
  const left = MAX_TEXT - charactersIn(text);
  const ready = hasSomethingToShow(text) && left >= 0;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    onSend(text);
    setText('');
  }

  function sendByKey(event: KeyboardEvent) {
    // A keyboard that composes characters ends one with Enter.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <Field
        multiline
        label={words.message}
        labelHidden
        placeholder={words.write(name)}
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={sendByKey}
        problem={left < 0 ? TEXT.ui.charactersLeft(left) : undefined}
      />
      <Button type="submit" look="primary" disabled={!ready} aria-label={words.send}>
        <Icon name="send" />
      </Button>
    </form>
  );
}
