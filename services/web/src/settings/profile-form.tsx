import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { type Profile, updateProfile } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { UsernameField } from '../people/username-field.tsx';
import { profileKey } from '../session/use-me.ts';
import { TEXT } from '../text.ts';
import { announce } from '../ui/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import styles from './settings.module.css';

const { settings: words } = TEXT;

export function ProfileForm({ me }: { me: Profile }) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (body: { username: string; bio: string }) => updateProfile({ body }),
    onSuccess(profile) {
      queries.setQueryData(profileKey(profile.id), profile);
      void queries.invalidateQueries({ queryKey: ['username'] });
      announce(TEXT.ui.saved);
    },
  });
  const error = save.error instanceof ApiError ? save.error : undefined;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    save.mutate({ username: String(form.get('username')).trim(), bio: String(form.get('bio')) });
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <UsernameField current={me.username ?? ''} problem={error?.fields.username} />
      <Field
        multiline
        label={words.bio}
        name="bio"
        rows={3}
        defaultValue={me.bio}
        hint={words.bioHint}
        problem={error?.fields.bio}
      />
      {save.error && <ProblemNotice error={save.error} />}
      <div className={styles.row}>
        <Button type="submit" look="primary" busy={save.isPending && TEXT.ui.saving}>
          {TEXT.ui.save}
        </Button>
        {save.isSuccess && <span className={styles.done}>{TEXT.ui.saved}</span>}
      </div>
    </form>
  );
}
