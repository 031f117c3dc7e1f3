import { createStore } from '../ui/store.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'wave.theme';
const stored = localStorage.getItem(KEY);

export const theme = createStore<Theme>(THEMES.find((each) => each === stored) ?? 'system');

export function setTheme(choice: Theme): void {
  localStorage.setItem(KEY, choice);
  theme.set(() => choice);
}

/** Follows the choice from here on. */
export function applyTheme(root: HTMLElement): void {
  const apply = () => {
    root.dataset.theme = theme.get();
  };
  apply();
  theme.subscribe(apply);
}
