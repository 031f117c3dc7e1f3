import { setFlagsFromString } from 'node:v8';

/**
 * Each piece of a body that passes through is a buffer outside of V8's heap, garbage once it is written. By its own rule
 * V8 marks the whole heap again after every 64 MiB of them, many times a second; counted among all memory they are
 * freed with what dies young. docs/decisions/0033-undici-for-plain-requests.md has the figures.
 */
export const EXTERNAL_MEMORY_FLAG = '--external-memory-accounted-in-global-limit';

setFlagsFromString(EXTERNAL_MEMORY_FLAG);
