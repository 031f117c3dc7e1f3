import type { Operations } from '../generated/http/operations.ts';

export type * from '../generated/http/types.gen.ts';
export type { Operations };

/** Who has operations in openapi.yaml. */
export type ServiceName = Operations[keyof Operations]['service'];
