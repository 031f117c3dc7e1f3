import { Prisma } from '../../generated/prisma/client.ts';

/** For rows by a `user_id`: not by a person whose rows are being deleted. Such people are few, and mostly none. */
export const NOT_BEING_ERASED_SQL = 'user_id <> ALL (ARRAY(SELECT user_id FROM erasures))';

/** Comments below a row of publications, without those of such people, one of whom may have many. */
export const COMMENT_COUNT_SQL = `
  CASE WHEN EXISTS (SELECT FROM erasures) THEN comment_count - (
    SELECT coalesce(sum(theirs.count), 0)::int
      FROM erasures, LATERAL (SELECT count(*) FROM comments
                               WHERE comments.user_id = erasures.user_id AND pub_id = publications.id) AS theirs)
  ELSE comment_count END`;

export const NOT_BEING_ERASED = Prisma.raw(NOT_BEING_ERASED_SQL);
export const COMMENT_COUNT = Prisma.raw(COMMENT_COUNT_SQL);
