import { type ReactNode, Suspense, useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { FindPerson } from '../people/find-person.tsx';
import { TEXT } from '../text.ts';
import { RowSkeletons } from '../ui/skeleton.tsx';
import { Nav } from './nav.tsx';
import { OfflineBar } from './offline-bar.tsx';
import styles from './shell.module.css';

/** What stays while pages change: the way to each of them, and the room that they show in. */
export function Shell({ children }: { children: ReactNode }) {
  const main = useFreshStart();
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {TEXT.skip}
      </a>
      <Nav />
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <OfflineBar />
        <Suspense fallback={<RowSkeletons />}>{children}</Suspense>
      </main>
      <aside className={styles.aside}>
        <FindPerson />
      </aside>
    </div>
  );
}

/**
 * Another page begins at its top, and the keyboard in it; the first one where the browser puts it. One that is come back
 * to is where it was left, which the browser sees to.
 */
function useFreshStart() {
  const main = useRef<HTMLElement>(null);
  const [path] = useLocation();
  const last = useRef(path);
  const isBack = useRef(false);
  useEffect(() => {
    const note = () => {
      isBack.current = true;
    };
    addEventListener('popstate', note);
    return () => removeEventListener('popstate', note);
  }, []);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    if (!isBack.current) scrollTo(0, 0);
    isBack.current = false;
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}
