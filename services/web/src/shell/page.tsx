import type { ReactNode } from 'react';
import { useUnread } from '../chat/queries.ts';
import { TEXT } from '../text.ts';
import { usePageTitle } from '../ui/use-page-title.ts';
import styles from './page.module.css';

type Props = { title: string; before?: ReactNode; after?: ReactNode; children: ReactNode };

/** The column in the middle, below its heading. */
export function Page({ title, before, after, children }: Props) {
  usePageTitle(TEXT.title(title, useUnread()));
  return (
    <>
      <header className={styles.header}>
        {before}
        <h1>{title}</h1>
        {after}
      </header>
      {children}
    </>
  );
}
