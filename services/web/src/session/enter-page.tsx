import { Link } from 'wouter';
import { ROUTES } from '../routes.ts';
import { TEXT } from '../text.ts';
import { Logo } from '../ui/icon.tsx';
import { Note } from '../ui/notice.tsx';
import { useStore } from '../ui/store.ts';
import { usePageTitle } from '../ui/use-page-title.ts';
import styles from './enter.module.css';
import { EnterForm } from './enter-form.tsx';
import { session } from './session.ts';

const { session: words } = TEXT;

export const LogInPage = () => <EnterPage asNew={false} />;
export const SignUpPage = () => <EnterPage asNew />;

function EnterPage({ asNew }: { asNew: boolean }) {
  const expired = useStore(session.expired);
  const heading = asNew ? words.join : words.welcomeBack;
  usePageTitle(TEXT.title(heading, 0));
  return (
    <main className={styles.page}>
      <header className={styles.brand}>
        <Logo />
        <p className={styles.name}>{TEXT.name}</p>
        <p>{TEXT.tagline}</p>
      </header>
      <section className={styles.card}>
        <h1>{heading}</h1>
        {expired && !asNew && <Note>{words.expired}</Note>}
        <EnterForm key={heading} asNew={asNew} />
        <p className={styles.other}>
          {asNew ? words.haveAccount : words.noAccount}{' '}
          <Link href={`${asNew ? ROUTES.logIn : ROUTES.signUp}${location.search}`}>
            {asNew ? words.logIn : words.signUp}
          </Link>
        </p>
      </section>
    </main>
  );
}
