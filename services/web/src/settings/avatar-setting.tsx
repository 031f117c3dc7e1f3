import { type ChangeEvent, useRef, useState } from 'react';
import type { Profile } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { Avatar } from '../people/avatar.tsx';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { CropDialog } from './crop-dialog.tsx';
import styles from './settings.module.css';

const { settings: words } = TEXT;
const TAKEN = 'image/png,image/jpeg,image/webp';

export function AvatarSetting({ me }: { me: Profile }) {
  const input = useRef<HTMLInputElement>(null);
  const [picture, setPicture] = useState<ImageBitmap>();
  const [error, setError] = useState<ApiError>();

  async function read(event: ChangeEvent<HTMLInputElement>) {
    const [file] = event.target.files ?? [];
    event.target.value = '';
    if (!file) return;
    setError(undefined);
    try {
      setPicture(await createImageBitmap(file));
    } catch {
      setError(new ApiError({ status: 415, ...words.unreadable }));
    }
  }

  return (
    <>
      <div className={styles.avatar}>
        <Avatar userId={me.id} name={me.username} url={me.avatar_url} size="large" />
        <div>
          <Button onClick={() => input.current?.click()}>{words.choose}</Button>
          <p className={styles.hint}>{words.avatarHint}</p>
        </div>
        <input ref={input} type="file" accept={TAKEN} onChange={read} hidden aria-label={words.choose} />
      </div>
      {error && <ProblemNotice error={error} />}
      {picture && <CropDialog picture={picture} onClose={() => setPicture(undefined)} />}
    </>
  );
}
