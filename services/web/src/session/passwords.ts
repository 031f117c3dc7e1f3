import { TEXT } from '../text.ts';

const MIN_CHARACTERS = 8;
/** bcrypt reads no further, so the contract takes no more. */
const MAX_BYTES = 72;

/** What the server would refuse, in words that follow the name of the field. */
export function passwordProblem(password: string): string | undefined {
  if ([...password].length < MIN_CHARACTERS) return TEXT.session.passwordTooShort;
  if (new TextEncoder().encode(password).length > MAX_BYTES) return TEXT.session.passwordTooLong;
  return undefined;
}
