import cluster from 'node:cluster';

const PLATFORMS = ['linux', 'freebsd', 'sunos', 'aix'];

/** Whether the system lets several processes listen on one port, each with a queue of its own: SO_REUSEPORT, socket(7). */
export const canSharePort = PLATFORMS.includes(process.platform);

/** Whether this process listens beside others. Elsewhere the first process accepts for all of them. */
export const sharesPort = cluster.isWorker && canSharePort;
