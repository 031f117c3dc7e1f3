import { z } from 'zod';

export type Env = Record<string, string | undefined>;

/** The environment is wrong. `problems` holds one line per variable: what is wrong and how to mend it. */
export class ConfigError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(`the environment is not usable:\n  ${problems.join('\n  ')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the variables that `shape` names, an empty one counting as unset.
 * @throws ConfigError naming every variable that is missing or wrong
 */
export function readEnv<Shape extends z.ZodRawShape>(shape: Shape, env: Env): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

/** A whole number from `min` to `max`; `fallback` where the variable is unset. */
export function integer(fallback: number, min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}, for example ${fallback}`;
  return z.coerce.number({ message }).int({ message }).min(min, { message }).max(max, { message }).default(fallback);
}

/** A TCP port; 0 lets the system choose a free one. */
export const port = (fallback: number) => integer(fallback, 0, 65_535);

/** `true`, `1`, `on`, `yes` or their opposites. */
export const flag = (fallback: boolean) => z.stringbool({ message: 'must be true or false' }).default(fallback);

/** At least `bytes` bytes of UTF-8; the message says how to make one. */
export function secret(bytes: number) {
  const mend = `must be set to at least ${bytes} bytes; make one with: openssl rand -hex ${bytes}`;
  return z.string({ message: mend }).refine((value) => Buffer.byteLength(value) >= bytes, { message: mend });
}

/** postgres://user:password@host:port/database */
export const databaseUrl = () =>
  z.url({ protocol: /^postgres(ql)?$/, message: 'must look like postgres://user:password@host:5432/name' });

/** An absolute http(s) URL, without a path of its own. */
export function serviceUrl(example: string) {
  const message = `must be an http or https URL, for example ${example}`;
  return z.url({ message, protocol: /^https?$/ }).transform((value) => new URL(value).origin);
}
