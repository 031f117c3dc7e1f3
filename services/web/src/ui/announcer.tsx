import { createStore, useStore } from './store.ts';

/** The number makes the same words said twice two different ones. */
const said = createStore({ words: '', times: 0 });

/** Tells those who do not see the page what has just happened on it. */
export const announce = (words: string): void => said.set(({ times }) => ({ words, times: times + 1 }));

export function Announcer() {
  const { words, times } = useStore(said);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      <span key={times}>{words}</span>
    </div>
  );
}
