import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { personPath } from '../routes.ts';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import styles from './find-person.module.css';
import { isUsername } from './usernames.ts';

const { people: words } = TEXT;

/** Usernames are found as a whole, so this goes right to the person. */
export function FindPerson() {
  const [, goTo] = useLocation();
  const [problem, setProblem] = useState(false);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const username = String(new FormData(event.currentTarget).get('username')).trim().replace(/^@/, '');
    setProblem(!isUsername(username));
    if (isUsername(username)) goTo(personPath(username));
  }

  return (
    <search>
      <form className={styles.find} onSubmit={submit}>
        <Field
          label={words.find}
          name="username"
          type="search"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Button type="submit">{words.findButton}</Button>
      </form>
      {problem && (
        <p role="alert" className={styles.problem}>
          {words.badUsername}
        </p>
      )}
    </search>
  );
}
