import { z } from 'zod';
import { constantSecret, readSecretFile, type Secret, secretOnDisk } from './secret.ts';

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

/** The variables that are set rightly or not at all; one that is wrong is missing. */
type Right<Shape extends z.ZodRawShape> = Partial<z.infer<z.ZodObject<Shape>>>;

/**
 * Reads the variables that `shape` names, an empty one counting as unset. A secret setting may be given by the variable
 * of its name or by a file, whose path is in the variable `<name>_FILE`. `check` returns what is wrong with variables
 * beside each other.
 * @throws ConfigError naming every variable that is missing or wrong
 */
export function readEnv<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Env,
  check: (right: Right<Shape>) => string[] = () => [],
): z.infer<z.ZodObject<Shape>> {
  const right: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, schema] of Object.entries(shape) as [string, z.ZodType][]) {
    const value = env[name] || undefined;
    const given = SECRETS.has(schema) ? { name, value, file: env[fileOf(name)] || undefined } : value;
    const result = schema.safeParse(given);
    if (result.success) right[name] = result.data;
    else problems.push(...result.error.issues.map(({ message }) => `${name}: ${message}`));
  }
  problems.push(...check(right as Right<Shape>));
  if (problems.length > 0) throw new ConfigError(problems);
  return right as z.infer<z.ZodObject<Shape>>;
}

/**
 * Reads groups of settings.
 * @throws ConfigError with the problems of all groups
 */
export function readGroups<Groups extends Record<string, unknown>>(
  readers: {
    [Name in keyof Groups]: () => Groups[Name];
  },
): Groups {
  const problems: string[] = [];
  const entries = Object.entries<() => unknown>(readers).map(([name, read]): [string, unknown] => {
    try {
      return [name, read()];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return [name, undefined];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(entries) as Groups;
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

/** Where a secret setting comes from. */
type Source = { name: string; value: string | undefined; file: string | undefined };

/** The schemas that take a `Source`. */
const SECRETS = new WeakSet<z.ZodType>();

const fileOf = (name: string) => `${name}_FILE`;

function secretSetting<Setting>(read: (source: Source) => Setting) {
  const schema = z.custom<Source>().transform((source, context) => {
    try {
      return read(source);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
  SECRETS.add(schema);
  return schema;
}

/** A secret that must be set; a file that holds it must be there at the start. */
export const requiredSecret = (schema: z.ZodType<string>) =>
  secretSetting((source) => fromSource(source, schema) ?? constantSecret(parsed(schema, undefined)));

/** The same for one that need not be set. */
export const optionalSecret = (schema: z.ZodType<string>) => secretSetting((source) => fromSource(source, schema));

/** A secret that need not be set, and whose file may come later, and go. */
export const lateSecret = (schema: z.ZodType<string>) =>
  secretSetting((source): Secret<string | undefined> | undefined =>
    fromSource<string | undefined>(source, schema, () => undefined),
  );

function fromSource<Absent extends string | undefined = string>(
  { name, value, file }: Source,
  schema: z.ZodType<string>,
  ifAbsent: (file: string) => Absent = refuse,
): Secret<string | Absent> | undefined {
  if (value !== undefined && file !== undefined) throw new Error(`must not be set beside ${fileOf(name)}`);
  if (value !== undefined) return constantSecret(parsed(schema, value));
  if (file === undefined) return undefined;
  return secretOnDisk<string | Absent>(() => {
    const found = readSecretFile(file);
    return found === undefined ? ifAbsent(file) : parsed(schema, found);
  });
}

function refuse(file: string): never {
  throw new Error(`its file ${file} is not there, or is empty`);
}

function parsed(schema: z.ZodType<string>, value: string | undefined): string {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ message }) => message).join('; '));
}

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

const GRPC_TARGET = /^(?:dns:\/\/\/|ipv4:)?[^\s/]+:\d{1,5}$/;

/** Where a service serves gRPC, by gRPC's own naming. */
export const grpcTarget = (fallback: string) =>
  z.string().regex(GRPC_TARGET, { message: 'must look like host:9084 or dns:///host:9084' }).default(fallback);
