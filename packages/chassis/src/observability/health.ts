import type { Logger } from './log.ts';

/** Says why it fails by throwing; the message shows in `/readyz`, so it names no host and no secret. */
export type Check = { name: string; run: () => void | Promise<void> };
/** `waiting`: something goes on later; it is shown, and the service is ready all the same. */
export type CheckResult = { name: string; status: 'ok' | 'failing' | 'waiting'; detail?: string };
/** What goes on without requests, and may have to wait: `reason` is why it does at the moment, and shows in `/readyz`. */
export type Wait = { name: string; reason: () => string | undefined };
export type Report = { ok: boolean; checks: CheckResult[] };

const CHECK_TIMEOUT_MS = 2_000;

/** What probes ask. Readiness follows the life cycle and the checks; liveness only the checks made for it. */
export class Health {
  readonly #log: Logger;
  readonly #readyChecks: Check[] = [];
  readonly #liveChecks: { name: string; run: () => void }[] = [];
  readonly #waits: Wait[] = [];
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #wasReady: boolean | undefined;
  #wasLive = true;

  constructor(log: Logger) {
    this.#log = log;
  }

  addReadyCheck(check: Check): void {
    this.#readyChecks.push(check);
  }

  /** For what only a new process can mend; `run` must not wait for anything. */
  addLiveCheck(check: { name: string; run: () => void }): void {
    this.#liveChecks.push(check);
  }

  addWait(wait: Wait): void {
    this.#waits.push(wait);
  }

  /** What waits at the moment. */
  waiting(): CheckResult[] {
    return this.#waits.map(toResult).filter(({ status }) => status === 'waiting');
  }

  setPhase(phase: 'running' | 'stopping'): void {
    this.#phase = phase;
  }

  liveness(): Report {
    const checks = this.#liveChecks.map(({ name, run }): CheckResult => {
      try {
        run();
        return { name, status: 'ok' };
      } catch (error) {
        return failing(name, error);
      }
    });
    const ok = checks.every(isOk);
    if (!ok && this.#wasLive) this.#log.error({ checks: checks.filter((check) => !isOk(check)) }, 'not live');
    this.#wasLive = ok;
    return { ok, checks };
  }

  async readiness(): Promise<Report> {
    if (this.#phase !== 'running') {
      return { ok: false, checks: [{ name: 'lifecycle', status: 'failing', detail: this.#phase }] };
    }
    const checks = await Promise.all(this.#readyChecks.map(runWithTimeout));
    const ok = checks.every(isOk);
    this.#logChange(ok, checks);
    return { ok, checks: [...checks, ...this.#waits.map(toResult)] };
  }

  #logChange(ok: boolean, checks: CheckResult[]): void {
    if (ok === this.#wasReady) return;
    this.#wasReady = ok;
    if (ok) this.#log.info('ready');
    else this.#log.warn({ checks: checks.filter((check) => !isOk(check)) }, 'not ready');
  }
}

const isOk = (check: CheckResult) => check.status === 'ok';

function toResult({ name, reason }: Wait): CheckResult {
  const detail = reason();
  return detail === undefined ? { name, status: 'ok' } : { name, status: 'waiting', detail };
}

const failing = (name: string, error: unknown): CheckResult => ({
  name,
  status: 'failing',
  detail: error instanceof Error ? error.message : String(error),
});

async function runWithTimeout({ name, run }: Check): Promise<CheckResult> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no response in time')), CHECK_TIMEOUT_MS);
  try {
    await Promise.race([run(), timeout]);
    return { name, status: 'ok' };
  } catch (error) {
    return failing(name, error);
  } finally {
    clearTimeout(timer);
  }
}
