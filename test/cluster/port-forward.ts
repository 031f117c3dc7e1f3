import { startProcess } from '@wave-connect/dev-env/processes';
import { root } from '../support/command.ts';

export type PortForward = { readonly port: number; close(): Promise<void> };

const READY_MS = 30_000;

/**
 * `kubectl port-forward` from a free port of this machine to a pod or a Service, `target` as kubectl has it.
 * @throws where it does not listen in time
 */
export async function forwardPort(namespace: string, target: string, port: number): Promise<PortForward> {
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  const process_ = await startProcess({
    command: 'kubectl',
    args: ['port-forward', '-n', namespace, '--address', '127.0.0.1', target, `:${port}`],
    env: process.env,
    cwd: root,
    onLine(line) {
      const [, local] = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (local) resolve(Number(local));
    },
  });
  const late = setTimeout(() => reject(new Error(`no port to ${target} in time`)), READY_MS);
  void process_.exited.then(() => reject(new Error(`the port to ${target} closed: ${process_.output()}`)));
  try {
    return { port: await listening, close: () => process_.stop() };
  } catch (error) {
    await process_.kill();
    throw error;
  } finally {
    clearTimeout(late);
  }
}
