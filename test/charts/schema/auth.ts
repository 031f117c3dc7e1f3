import { closed, name, type Schema, text } from './shapes.ts';

/** The values that auth has besides. */
export const authValues: Record<string, Schema> = { emailHash: closed({ existingSecret: text, key: name }) };
