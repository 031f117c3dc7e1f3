import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { InvalidError, UnsupportedMediaTypeError } from '../errors.ts';

/** Bytes of a JSON body: room for 5,000 characters, each written as two `\uXXXX` escapes. */
const JSON_LIMIT_BYTES = 64 * 1024;

/**
 * Parses JSON bodies, which are UTF-8 (RFC 8259, section 8.1): decoders put a replacement character for each byte that
 * is not, and so make different texts equal. A byte order mark in front is left out.
 */
export const jsonBody = (): RequestHandler =>
  express.json({ limit: JSON_LIMIT_BYTES, strict: false, verify: assertUtf8, reviver: refuseLoneSurrogates });

function assertUtf8(_req: unknown, _res: unknown, body: Buffer, charset: string): void {
  if (charset !== 'utf-8') throw new UnsupportedMediaTypeError('JSON is taken in UTF-8 alone.');
  if (!isUtf8(body)) throw new InvalidError('The body is not well-formed UTF-8.');
}

/** A lone surrogate is no character (RFC 8259, section 8.2). */
function refuseLoneSurrogates(key: string, value: unknown): unknown {
  const text = typeof value === 'string' ? value + key : key;
  if (!text.isWellFormed()) throw new SyntaxError('text that is not well-formed Unicode');
  return value;
}

/** Refuses percent-encoding in path and query that is not UTF-8, which the query's parser would replace as well. */
export const assertUrlEncoding: RequestHandler = (req, _res, next) => {
  try {
    decodeURIComponent(req.originalUrl);
  } catch {
    throw new InvalidError('The percent-encoding of the address is not well-formed UTF-8.');
  }
  next();
};
