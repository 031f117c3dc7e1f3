import { Link, useLocation } from 'wouter';
import { useUnread } from '../chat/queries.ts';
import { personPath, ROUTES } from '../routes.ts';
import { useMe } from '../session/use-me.ts';
import { TEXT } from '../text.ts';
import { Icon, Logo } from '../ui/icon.tsx';
import styles from './nav.module.css';

const { nav: words } = TEXT;

export function Nav() {
  const me = useMe();
  const unread = useUnread();
  const own = personPath(me.data?.username ?? '');
  return (
    <nav className={styles.nav} aria-label={words.label}>
      <p className={styles.brand}>
        <Logo />
        <span className={styles.word}>{TEXT.name}</span>
      </p>
      <ul className={styles.items}>
        <Item to={ROUTES.home} icon="home" label={words.home} />
        <Item to={ROUTES.messages} icon="messages" label={words.messages} count={unread} />
        <Item to={own} icon="profile" label={words.profile} />
        <Item to={ROUTES.settings} icon="settings" label={words.settings} />
      </ul>
    </nav>
  );
}

type ItemProps = { to: string; icon: Parameters<typeof Icon>[0]['name']; label: string; count?: number };

function Item({ to, icon, label, count = 0 }: ItemProps) {
  const [path] = useLocation();
  const isHere = to === ROUTES.home ? path === to : path === to || path.startsWith(`${to}/`);
  return (
    <li>
      <Link href={to} className={styles.item} aria-current={isHere ? 'page' : undefined}>
        <span className={styles.icon}>
          <Icon name={icon} />
          {count > 0 && <span className={styles.count}>{count > 99 ? '99+' : count}</span>}
        </span>
        <span className={styles.label}>{label}</span>
        {count > 0 && <span className="sr-only">{words.unread(count)}</span>}
      </Link>
    </li>
  );
}
