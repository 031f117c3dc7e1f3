import { useQueryClient } from '@tanstack/react-query';
import type { Publication } from '../api/client.ts';
import { missingFrom, type Pages } from '../api/pages.ts';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import styles from './feed-page.module.css';
import { postsKey, useLatest } from './queries.ts';

/** Says that there is something new rather than moving what one reads. */
export function NewPosts({ pages }: { pages: Pages<Publication> | undefined }) {
  const queries = useQueryClient();
  const { data: latest } = useLatest({ enabled: pages !== undefined });
  const count = latest && pages ? missingFrom(pages, latest).length : 0;

  function show() {
    if (latest) queries.setQueryData(postsKey(), { pages: [latest], pageParams: [undefined] });
    scrollTo(0, 0);
    document.querySelector('main')?.focus({ preventScroll: true });
  }

  return (
    <div role="status" className={styles.new}>
      {count > 0 && (
        <Button look="primary" onClick={show}>
          {TEXT.feed.newPosts(count)}
        </Button>
      )}
    </div>
  );
}
