import type { Row } from './measurement.ts';
import type { SuiteName } from './options.ts';
import type { Stage } from './stage/stage.ts';
import type { Tools } from './tools.ts';

export type SuiteOptions = { tools: Tools; sockets: number; kafka: boolean };

/** Sets up what some rows need, and says what they compare. */
export type Suite = { name: SuiteName; prepare(stage: Stage, options: SuiteOptions): Promise<Row[]> };
