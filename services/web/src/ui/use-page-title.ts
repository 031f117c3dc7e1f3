import { useEffect } from 'react';

/** What tab and history call this page; a change of it is also what screen readers hear of. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
