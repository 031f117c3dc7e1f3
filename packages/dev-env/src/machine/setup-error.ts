/** Something about this machine that its user can mend. The message is one line that says how. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
