import { describeExit, type Exit, lastLines, type ManagedProcess } from './managed-process.ts';

/** A running part of the system, which a test may stop, kill or pause. `pid` and `exited` are those of the latest start. */
export type Part = ManagedProcess & {
  /** Stops it if it still runs, and starts it again with the same ports and data. */
  restart(): Promise<void>;
};

/** A part that ended where it should have come up, with the last lines that it wrote. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** What happened, in one line. */
  readonly summary: string;

  constructor(what: string, exit: Exit, output: string) {
    const summary = `${what} ${describeExit(exit)}`;
    super(`${summary}:\n${lastLines(output, 15)}`);
    this.summary = summary;
  }
}

export async function startPart(launch: () => Promise<ManagedProcess>): Promise<Part> {
  let current = await launch();
  return {
    get pid() {
      return current.pid;
    },
    get exited() {
      return current.exited;
    },
    output: () => current.output(),
    stop: (signal) => current.stop(signal),
    kill: () => current.kill(),
    pause: () => current.pause(),
    resume: () => current.resume(),
    unref: () => current.unref(),
    async restart() {
      await current.stop();
      current = await launch();
    },
  };
}

/**
 * Waits until a new process can do its work; stops it when that fails.
 * @throws StartError at once when the process ends before
 */
export async function untilReady(
  name: string,
  process: ManagedProcess,
  ready: (signal: AbortSignal) => Promise<void>,
): Promise<ManagedProcess> {
  const done = new AbortController();
  try {
    const ended = process.exited.then((exit) => {
      throw new StartError(`${name}, not yet ready,`, exit, process.output());
    });
    await Promise.race([ended, ready(done.signal)]);
    return process;
  } catch (error) {
    await process.stop();
    throw error;
  } finally {
    done.abort();
  }
}
