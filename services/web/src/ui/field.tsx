import { type CSSProperties, type InputHTMLAttributes, type TextareaHTMLAttributes, useId } from 'react';
import styles from './field.module.css';

type Common = {
  label: string;
  hint?: string;
  /** What is wrong with it, if anything. */
  problem?: string | undefined;
  /** The label is for those who do not see; a placeholder says it to the others. */
  labelHidden?: boolean;
};
type InputProps = Common & { multiline?: false } & InputHTMLAttributes<HTMLInputElement>;
type TextareaProps = Common & { multiline: true } & TextareaHTMLAttributes<HTMLTextAreaElement>;

/** A labelled input, with what helps to fill it in and what is wrong with it. */
export function Field({ label, hint, problem, labelHidden = false, ...rest }: InputProps | TextareaProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  const control = {
    id,
    className: styles.control,
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': described || undefined,
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={labelHidden ? 'sr-only' : styles.label}>
        {label}
      </label>
      <Control {...rest} {...control} />
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className={styles.problem}>
          {label} {problem}
        </p>
      )}
    </div>
  );
}

type ControlProps =
  | ({ multiline?: false } & InputHTMLAttributes<HTMLInputElement>)
  | ({ multiline: true } & TextareaHTMLAttributes<HTMLTextAreaElement>);

function Control(props: ControlProps) {
  if (props.multiline) {
    const { multiline: _, ...rest } = props;
    return <textarea {...rest} style={{ '--rows': rest.rows } as CSSProperties} />;
  }
  const { multiline: _, ...rest } = props;
  return <input {...rest} />;
}
