import { VISIBLE_CHARACTER } from '@wave-connect/contracts/visible-text.ts';

/** As in the contract, counted in code points. */
export const MAX_TEXT = 5_000;

export const charactersIn = (text: string): number => [...text].length;

/** As the contract's format `visible-text` has it. */
export const hasSomethingToShow = (text: string): boolean => VISIBLE_CHARACTER.test(text);
