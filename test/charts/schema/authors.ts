import { closed, port, type Schema, text } from './shapes.ts';

/** What chat and feed, which call, and profile, which responds, have besides. */
export const profileCallerValues: Record<string, Schema> = { profile: closed({ grpcTarget: text, grpcPort: port }) };
export const profilePorts: Record<string, Schema> = { grpc: port };
