import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './button.module.css';
import { classes } from './classes.ts';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  small?: boolean;
  /** What is at work, if anything: it is said in the place of the label, and a second press does nothing. */
  busy?: string | false | undefined;
  children: ReactNode;
};

export function Button({ look = 'plain', small = false, busy = false, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={buttonClass(look, small)}
      aria-disabled={busy ? true : undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy || children}
    </button>
  );
}

/** For links that look like one. */
export const buttonClass = (look: Look, small = false): string =>
  classes(styles.button, styles[look], small && styles.small);
