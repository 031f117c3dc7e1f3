import { useSyncExternalStore } from 'react';

export type Store<State> = {
  get(): State;
  set(change: (state: State) => State): void;
  subscribe(listener: () => void): () => void;
};

/** A value that components follow although it lives outside of them. */
export function createStore<State>(initial: State): Store<State> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(change) {
      const next = change(state);
      if (Object.is(next, state)) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useStore = <State>(store: Store<State>): State => useSyncExternalStore(store.subscribe, store.get);
