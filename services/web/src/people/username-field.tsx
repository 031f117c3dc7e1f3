import { TEXT } from '../text.ts';
import { Field } from '../ui/field.tsx';

const { settings: words } = TEXT;

/** For one's own username, new or changed. */
export function UsernameField({ current, problem }: { current?: string; problem: string | undefined }) {
  return (
    <Field
      label={words.username}
      name="username"
      defaultValue={current}
      autoComplete="nickname"
      autoCapitalize="none"
      spellCheck={false}
      required
      hint={words.usernameHint}
      problem={problem}
    />
  );
}
