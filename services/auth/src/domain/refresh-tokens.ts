import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Session } from '../repository/sessions.ts';

const VERSION = 1;
const ID_BYTES = 16;
const COUNTER_BYTES = 4;
const MAC_BYTES = 32;
const CHECKSUM_BYTES = 4;

const COUNTER_AT = 1 + ID_BYTES;
const MAC_AT = COUNTER_AT + COUNTER_BYTES;
const CHECKSUM_AT = MAC_AT + MAC_BYTES;
const TOKEN_BYTES = CHECKSUM_AT + CHECKSUM_BYTES;

/** What a refresh token names, which is not to be believed before `isGenuine`. */
export type RefreshToken = { sessionId: string; counter: number; isGenuine(key: Uint8Array): boolean };

/**
 * The refresh token of a session: base64url(version ‖ session id ‖ counter ‖ HMAC-SHA256 ‖ checksum). It follows from the
 * session's row, so none is stored, and the current one can be made again.
 */
export function refreshTokenOf({ id, refreshKey, counter }: Pick<Session, 'id' | 'refreshKey' | 'counter'>): string {
  const token = Buffer.alloc(TOKEN_BYTES);
  token.writeUInt8(VERSION, 0);
  token.write(id.replaceAll('-', ''), 1, 'hex');
  token.writeUInt32BE(counter, COUNTER_AT);
  macOf(token, refreshKey).copy(token, MAC_AT);
  token.writeUInt32BE(crc32(token.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
  return token.toString('base64url');
}

/** Undefined for what no refresh token looks like, a truncated one included, at no cost to the database. */
export function readRefreshToken(text: string): RefreshToken | undefined {
  const token = Buffer.from(text, 'base64url');
  if (token.length !== TOKEN_BYTES || token.toString('base64url') !== text || token[0] !== VERSION) return undefined;
  if (token.readUInt32BE(CHECKSUM_AT) !== crc32(token.subarray(0, CHECKSUM_AT))) return undefined;
  const id = token.toString('hex', 1, COUNTER_AT);
  return {
    sessionId: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    counter: token.readUInt32BE(COUNTER_AT),
    isGenuine: (key) => timingSafeEqual(token.subarray(MAC_AT, CHECKSUM_AT), macOf(token, key)),
  };
}

const macOf = (token: Buffer, key: Uint8Array): Buffer =>
  createHmac('sha256', key).update(token.subarray(0, MAC_AT)).digest();
