import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Shedding } from '@wave-connect/chassis/http';
import type { Metrics } from '@wave-connect/chassis/observability';
import type { GatewayConfig } from '../config.ts';

/**
 * Reads small bodies completely before their request takes a place or an upstream connection, so that a client that
 * sends slowly takes up nothing but memory, and of that only a part.
 */
export type BodyBuffer = {
  /**
   * Resolves to the whole body, held until `res` has closed, or to undefined where it is larger than those that are
   * held: then `req` streams all of it. Also undefined where `res` has closed, since the client has left.
   * @throws OverloadedError where bodies of all requests are more than is held; the one that is slowest goes first
   */
  read(req: IncomingMessage, res: ServerResponse): Promise<Buffer | undefined>;
};

export function createBodyBuffer(
  { bufferedBytes, totalBufferedBytes }: GatewayConfig['bodies'],
  { shedding, metrics }: { shedding: Shedding; metrics: Metrics },
): BodyBuffer {
  let held = 0;
  /** Bodies that are not complete, the oldest first; each is given up by its function. */
  const incomplete = new Set<(reason: Error) => void>();
  metrics.observedGauge('body_bytes_buffered', 'Bytes of request bodies that this process holds.', () => held);

  /** A body that arrives at once is complete within one turn, so the oldest that is not is the slowest. */
  function makeRoom(): void {
    for (const giveUp of incomplete) {
      if (held <= totalBufferedBytes) return;
      giveUp(shedding.refuse('bodies'));
    }
  }

  return {
    read(req, res) {
      const announced = Number(req.headers['content-length'] ?? Number.NaN);
      if (announced > bufferedBytes) return Promise.resolve(undefined);
      const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
      let body: Buffer = Buffer.alloc(0);
      let length = 0;

      /** Copies: a chunk costs its own memory beside its bytes, and may be of one byte. */
      function append(chunk: Buffer): void {
        if (length === 0 && chunk.length === announced) resize(chunk);
        else {
          const needed = length + chunk.length;
          if (needed > body.length) {
            const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(needed, 2 * body.length), bufferedBytes));
            body.copy(larger, 0, 0, length);
            resize(larger);
          }
          chunk.copy(body, length);
        }
        length += chunk.length;
      }

      function resize(to: Buffer): void {
        held += to.length - body.length;
        body = to;
      }

      function receive(chunk: Buffer): void {
        if (length + chunk.length > bufferedBytes) {
          stop();
          req.pause();
          req.unshift(Buffer.concat([body.subarray(0, length), chunk]));
          release();
          resolve(undefined);
        } else {
          append(chunk);
          if (held > totalBufferedBytes) makeRoom();
        }
      }

      function complete(): void {
        stop();
        resolve(body.subarray(0, length));
      }

      function stop(): void {
        incomplete.delete(giveUp);
        req.off('data', receive).off('end', complete);
      }

      function giveUp(reason: Error): void {
        stop();
        release();
        reject(reason);
      }

      function release(): void {
        resize(Buffer.alloc(0));
      }

      incomplete.add(giveUp);
      res.once('close', () => {
        stop();
        release();
        resolve(undefined);
      });
      req.on('data', receive).once('end', complete);
      return promise;
    },
  };
}
