import { createHmac } from 'node:crypto';
import type { Secret } from '@wave-connect/chassis/config';

/** Emails compare without case. */
export const comparable = (email: string) => email.toLowerCase();

export type EmailHash = (email: string) => Buffer<ArrayBuffer>;

/** 128 bits are enough to tell emails apart. */
const BYTES = 16;

/**
 * Stands for an email where the email itself is not needed: two of the same are equal, and without the key none can be
 * guessed from it, as from a plain hash.
 */
export const createEmailHash =
  (key: Secret): EmailHash =>
  (email) =>
    Buffer.from(createHmac('sha256', key.value()).update(comparable(email)).digest().subarray(0, BYTES));
