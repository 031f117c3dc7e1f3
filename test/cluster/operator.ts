import { type ManagedProcess, startProcess } from '@wave-connect/dev-env/processes';
import { root } from '../support/command.ts';

/** A program that does the Strimzi operator's work for one namespace: `$OPERATOR NAMESPACE --watch`. */
const { OPERATOR } = process.env;

/** Whether these tests bring the operator's work themselves; where they do not, Strimzi's operator is there. */
export const bringsOperator = OPERATOR !== undefined;

/** Starts the stand-in for the operator where these tests bring it; else the operator of the cluster acts by itself. */
export async function startOperator(namespace: string): Promise<ManagedProcess | undefined> {
  if (OPERATOR === undefined) return undefined;
  return startProcess({ command: OPERATOR, args: [namespace, '--watch'], env: process.env, cwd: root });
}
