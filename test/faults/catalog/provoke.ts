import { Person } from '../../support/person.ts';

/** A registration, where the load at hand makes none: with its event, its profile and that one's announcement. */
export function provokeRegistration(url: string): void {
  Person.register(url).catch(() => {});
}

/** A message between two strangers. */
export function provokeMessage(url: string): void {
  Promise.all([Person.join(url), Person.register(url)])
    .then(([sender, { person: receiver }]) => sender.ask('POST', 'chat', { receiver: receiver.id, text: 'a fault' }))
    .catch(() => {});
}
