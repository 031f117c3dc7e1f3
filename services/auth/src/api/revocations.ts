import type { RevocationPage } from '@wave-connect/chassis/revocations';
import type { Store } from '../repository/store.ts';

const POSITION = /^\d{1,18}\.\d{1,18}$/;
const BEGINNING = '0.0';

/** What other services are told of revocations: from the beginning where `after` is no position of an earlier page. */
export const revocationsSince = (
  { revocations }: Pick<Store, 'revocations'>,
  after: unknown,
): Promise<RevocationPage> => revocations.since(typeof after === 'string' && POSITION.test(after) ? after : BEGINNING);
