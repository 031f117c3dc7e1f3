import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/problem.ts';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { useSecondsLeft } from '../ui/use-seconds-left.ts';
import styles from './enter.module.css';
import { passwordProblem } from './passwords.ts';
import { useEnter } from './use-enter.ts';

const { session: words } = TEXT;

/** Email and password, for a new account or for one that is there. */
export function EnterForm({ asNew }: { asNew: boolean }) {
  const enter = useEnter({ asNew });
  const [refused, setRefused] = useState<string>();
  const error = enter.error instanceof ApiError ? enter.error : undefined;
  const secondsLeft = useSecondsLeft(error?.retryAfterS, error);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const credentials = { email: String(form.get('email')).trim(), password: String(form.get('password')) };
    const problem = asNew ? passwordProblem(credentials.password) : undefined;
    setRefused(problem);
    if (problem === undefined) enter.mutate(credentials);
  }

  const [label, busy] = asNew ? [words.signUp, words.signingUp] : [words.logIn, words.loggingIn];
  return (
    <form className={styles.form} onSubmit={submit}>
      {enter.error && <ProblemNotice error={enter.error} />}
      <Field
        label={words.email}
        name="email"
        type="email"
        autoComplete="username"
        required
        problem={error?.fields.email}
      />
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete={asNew ? 'new-password' : 'current-password'}
        required
        hint={asNew ? words.passwordHint : undefined}
        problem={refused ?? error?.fields.password}
      />
      <Button type="submit" look="primary" busy={enter.isPending && busy} disabled={secondsLeft > 0}>
        {secondsLeft > 0 ? TEXT.ui.retryIn(secondsLeft) : label}
      </Button>
    </form>
  );
}
