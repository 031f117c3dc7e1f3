import express, { type RequestHandler } from 'express';

/** Bytes of a JSON body: room for 5,000 characters, each written as two `\uXXXX` escapes. */
const JSON_LIMIT_BYTES = 64 * 1024;

/** Parses JSON bodies. A lone surrogate is no character (RFC 8259, section 8.2), so it is refused. */
export const jsonBody = (): RequestHandler =>
  express.json({ limit: JSON_LIMIT_BYTES, strict: false, reviver: refuseLoneSurrogates });

function refuseLoneSurrogates(key: string, value: unknown): unknown {
  const text = typeof value === 'string' ? value + key : key;
  if (!text.isWellFormed()) throw new SyntaxError('text that is not well-formed Unicode');
  return value;
}
