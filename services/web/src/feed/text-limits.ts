/** As in the contract, counted in code points. */
export const MAX_TEXT = 5_000;

export const charactersIn = (text: string): number => [...text].length;

/** White space, controls and zero-width characters alone are no text. */
export const hasSomethingToShow = (text: string): boolean => /[^\s\p{Cc}\p{Cf}]/u.test(text);
