import { useEffect, useRef } from 'react';
import { TEXT } from '../text.ts';
import { Button } from './button.tsx';
import styles from './more.module.css';
import { ProblemNotice } from './notice.tsx';

type Pages = {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  error: unknown;
  fetchNextPage: () => unknown;
};

/** At the end of a list: fetches the next page as it comes near, and is a button for those who do not scroll. */
export function More({ pages, label = TEXT.ui.more }: { pages: Pages; label?: string }) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, error, fetchNextPage } = pages;
  const place = useRef<HTMLDivElement>(null);
  const waits = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;

  useEffect(() => {
    if (!waits || !place.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && fetchNextPage(), {
      rootMargin: '600px',
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [waits, fetchNextPage]);

  if (isFetchNextPageError) return <ProblemNotice error={error} retry={fetchNextPage} />;
  if (!hasNextPage) return null;
  return (
    <div ref={place} className={styles.more}>
      <Button look="quiet" busy={isFetchingNextPage && TEXT.ui.loadingMore} onClick={() => fetchNextPage()}>
        {label}
      </Button>
    </div>
  );
}
