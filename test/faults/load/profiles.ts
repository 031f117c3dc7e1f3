import { PNG } from '../../support/png.ts';
import { newMarker } from './ledger.ts';
import type { Person, Scene } from './scene.ts';

/** Completes the profile, or brings it to its next version. */
export async function describeOneself(person: Person, { book }: Scene): Promise<void> {
  const { session } = person;
  person.version += 1;
  const marker = newMarker();
  const username = `p_${session.id.replaceAll('-', '').slice(-12)}_${person.version}`;
  const content = { username, bio: `Version ${person.version}, ${marker}` };
  const wasComplete = person.hasProfile;
  const triedBefore = person.version > 1;
  const { outcome, evidence } = await book.request(
    { kind: 'profile', by: session.id, marker, username },
    () => session.ask(wasComplete ? 'PUT' : 'POST', 'profile', content),
    () => (wasComplete ? { ok: 200 } : { ok: 201, refusals: triedBefore ? [409] : [] }),
  );
  person.hasProfile ||= outcome === 'acknowledged' || (outcome === 'refused' && evidence?.startsWith('409') === true);
}

/** What follows the end of a picture belongs to no part of it. */
export async function showOneself({ session }: Person, { book }: Scene): Promise<void> {
  const marker = newMarker();
  const picture = Buffer.concat([PNG, Buffer.from(marker)]);
  await book.request(
    { kind: 'avatar', by: session.id, marker },
    () => session.ask('PUT', 'profile/avatar', picture),
    () => ({ ok: 204 }),
  );
}
