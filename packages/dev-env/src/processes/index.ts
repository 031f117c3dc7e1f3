export { onInterrupt } from './interrupt.ts';
export { describeExit, type Exit, type ManagedProcess, startProcess } from './managed-process.ts';
export { type Part, StartError, startPart, untilReady } from './part.ts';
export { commandLine, family, isAlive } from './process-table.ts';
export { guardFolder, guardMount, isWatchdog, watchdogPid } from './watchdog.ts';
