import { closed, port, type Schema, text } from './shapes.ts';

/** What feed, which calls, and profile, which responds, have besides for author data. */
export const feedValues: Record<string, Schema> = { profile: closed({ grpcTarget: text, grpcPort: port }) };
export const profilePorts: Record<string, Schema> = { grpc: port };
