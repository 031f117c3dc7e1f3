const UNIQUE_VIOLATION = 'P2002';

/** Whether a Prisma client refused a row because one like it is there. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === UNIQUE_VIOLATION;
