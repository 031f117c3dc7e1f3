import { closed, port, type Schema, text } from './shapes.ts';

/** What chat, which asks auth what has been revoked, has besides. */
export const chatValues: Record<string, Schema> = { auth: closed({ url: text, port }) };
