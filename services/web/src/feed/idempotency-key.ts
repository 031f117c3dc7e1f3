import { useRef } from 'react';

/**
 * The key for a text on its way: the same for each attempt, so that a text whose response got lost is not there twice, and
 * another one for another text, or once the text has arrived.
 */
export function useIdempotencyKey() {
  const sending = useRef<{ text: string; key: string }>(null);
  return {
    headersFor(text: string): { 'Idempotency-Key': string } {
      if (sending.current?.text !== text) sending.current = { text, key: crypto.randomUUID() };
      return { 'Idempotency-Key': sending.current.key };
    },
    arrived(): void {
      sending.current = null;
    },
  };
}
