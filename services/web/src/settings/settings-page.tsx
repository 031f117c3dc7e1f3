import { useQuery } from '@tanstack/react-query';
import { getCaller } from '../api/client.ts';
import { useLogOut } from '../session/use-log-out.ts';
import { useMe } from '../session/use-me.ts';
import { Page } from '../shell/page.tsx';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { RowSkeletons } from '../ui/skeleton.tsx';
import { AvatarSetting } from './avatar-setting.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { ProfileForm } from './profile-form.tsx';
import styles from './settings.module.css';
import { ThemeChoice } from './theme-choice.tsx';

const { settings: words } = TEXT;

export function SettingsPage() {
  const me = useMe();
  return (
    <Page title={words.title}>
      {me.isPending && <RowSkeletons />}
      {me.data && (
        <>
          <section className={styles.section} aria-labelledby="profile">
            <h2 id="profile">{words.profile}</h2>
            <AvatarSetting me={me.data} />
            <ProfileForm key={me.data.username} me={me.data} />
          </section>
          <ThemeChoice />
          <Account username={me.data.username ?? ''} />
        </>
      )}
    </Page>
  );
}

function Account({ username }: { username: string }) {
  const account = useQuery({ queryKey: ['account'], queryFn: () => getCaller() });
  const logOut = useLogOut();
  return (
    <section className={styles.section} aria-labelledby="account">
      <h2 id="account">{words.account}</h2>
      <p className={styles.email}>
        {words.signedInAs} <strong>{account.data?.email ?? '…'}</strong>
      </p>
      {logOut.error && <ProblemNotice error={logOut.error} />}
      <div className={styles.row}>
        <Button busy={logOut.isPending && TEXT.session.loggingOut} onClick={() => logOut.mutate()}>
          {TEXT.session.logOut}
        </Button>
        <DeleteAccount username={username} />
      </div>
    </section>
  );
}
