import { InvalidError } from '@wave-connect/chassis/errors';
import { type Problem, problemBody } from '@wave-connect/chassis/http';
import { FORMATS, readContract } from '@wave-connect/chassis/http/app';
import type { ChatClientFrame, ChatServerFrame } from '@wave-connect/contracts/operations.ts';
import { Ajv, type ErrorObject } from 'ajv';
import type { Message } from '../repository/messages.ts';
import { presentMessage } from './present.ts';

/** By this a client knows the response to its frame. */
export type Tag = Pick<ChatClientFrame, 'client_id'>;

const isClientFrame = new Ajv({ strict: false, formats: FORMATS })
  .addSchema(readContract(), 'contract')
  .compile<ChatClientFrame>({ $ref: 'contract#/components/schemas/ChatClientFrame' });

/** Levels that a `client_id` may have, as RFC 8259, section 9, lets one limit them: writing JSON takes stack. */
const MAX_NESTING = 100;

/** @throws InvalidError for what is no JSON */
export function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidError('A frame must be JSON.');
  }
}

/** @throws InvalidError for what the contract does not allow; a lone surrogate is no character (RFC 8259, section 8.2) */
export function asClientFrame(frame: unknown): ChatClientFrame {
  if (!isClientFrame(frame)) throw new InvalidError(explain(isClientFrame.errors?.[0]));
  if (!frame.text.isWellFormed()) throw new InvalidError('/text is not well-formed Unicode.');
  return frame;
}

const explain = (error: ErrorObject | undefined) => `${error?.instancePath ?? ''} ${error?.message ?? ''}`.trim();

/** @throws InvalidError for a `client_id` that cannot be sent back */
export function tagOf(frame: unknown): Tag {
  if (!(frame instanceof Object && 'client_id' in frame)) return {};
  const { client_id } = frame;
  if (isDeeper(client_id, MAX_NESTING)) throw new InvalidError(`/client_id has more than ${MAX_NESTING} levels.`);
  return { client_id };
}

const isDeeper = (value: unknown, levels: number): boolean =>
  value instanceof Object && (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

export const messageFrame = (message: Message, tag: Tag = {}): ChatServerFrame => ({
  type: 'message',
  message: presentMessage(message),
  ...tag,
});

export const errorFrame = (problem: Problem, tag: Tag): ChatServerFrame => ({
  type: 'error',
  title: problemBody(problem).title,
  detail: problem.detail,
  ...retryAfter(problem),
  ...tag,
});

function retryAfter({ headers }: Problem): { retry_after?: number } {
  const seconds = headers?.['Retry-After'];
  return seconds === undefined ? {} : { retry_after: Number(seconds) };
}
