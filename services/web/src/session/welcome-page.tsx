import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { createProfile } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { UsernameField } from '../people/username-field.tsx';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { Logo } from '../ui/icon.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { usePageTitle } from '../ui/use-page-title.ts';
import styles from './enter.module.css';
import { useLogOut } from './use-log-out.ts';
import { profileKey } from './use-me.ts';

const { welcome: words } = TEXT;

/** What a new account has to say before anything else: its username. */
export function WelcomePage() {
  usePageTitle(TEXT.title(words.title, 0));
  const queries = useQueryClient();
  const logOut = useLogOut();
  const complete = useMutation({
    mutationFn: (username: string) => createProfile({ body: { username } }),
    onSuccess: (profile) => queries.setQueryData(profileKey(profile.id), profile),
  });
  const error = complete.error instanceof ApiError ? complete.error : undefined;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    complete.mutate(String(new FormData(event.currentTarget).get('username')).trim());
  }

  return (
    <main className={styles.page}>
      <header className={styles.brand}>
        <Logo />
      </header>
      <section className={styles.card}>
        <h1>{words.title}</h1>
        <p className={styles.lead}>{words.lead}</p>
        <form className={styles.form} onSubmit={submit}>
          {complete.error && <ProblemNotice error={complete.error} />}
          <UsernameField problem={error?.fields.username} />
          <Button type="submit" look="primary" busy={complete.isPending && TEXT.ui.saving}>
            {words.go}
          </Button>
        </form>
        <Button look="quiet" busy={logOut.isPending && TEXT.session.loggingOut} onClick={() => logOut.mutate()}>
          {TEXT.session.logOut}
        </Button>
      </section>
    </main>
  );
}
