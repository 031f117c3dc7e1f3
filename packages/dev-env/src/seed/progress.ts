const WIDTH = 30;
const NAME_WIDTH = 27;

type Output = { write: (text: string) => unknown; isTTY?: boolean };

/** A bar for each table, which is drawn over itself on a terminal and shown when it is full elsewhere. */
export function progressBar(output: Output): (what: string, done: number, rows: number) => void {
  return (what, done, rows) => {
    const full = done >= rows;
    if (!output.isTTY && !full) return;
    const filled = Math.round((WIDTH * done) / rows);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    output.write(
      `${output.isTTY ? '\r' : ''}${what.padEnd(NAME_WIDTH)} ${bar} ${done.toLocaleString('en')}${full ? '\n' : ''}`,
    );
  };
}
