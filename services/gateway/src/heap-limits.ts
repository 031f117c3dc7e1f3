import { setFlagsFromString } from 'node:v8';

/**
 * Each chunk of a forwarded body is a buffer outside of V8's heap, and garbage once it is written. By default V8 marks
 * its whole heap after every 64 MiB of those, many times a second; counted as part of all memory they are freed by the
 * young generation's collections. docs/decisions/0012-reverse-proxy.md has the figures.
 */
export const EXTERNAL_MEMORY_FLAG = '--external-memory-accounted-in-global-limit';

setFlagsFromString(EXTERNAL_MEMORY_FLAG);
