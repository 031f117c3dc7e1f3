import { randomUUID } from 'node:crypto';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import { type Fault, injected } from './fault.ts';
import { lastEvents, publish } from './topic-client.ts';

const TOPICS = ['user-registered', 'user-deleted', 'profile-updates', 'chat-messages'] as const;

const AGAIN_OF_EACH_PARTITION = 5;

/** In every value that nobody can handle, so that an audit knows it among the dead letters. */
const POISON = 'poison';

const nothingToHeal = async () => {};

const again: Fault = {
  name: 'events delivered again, out of order',
  hurts: ['kafka'],
  inject({ kafka }, random) {
    let published = 0;
    const deliverAgain = async () => {
      for (const topic of TOPICS) {
        const events = await lastEvents(kafka.bootstrap, topic, AGAIN_OF_EACH_PARTITION);
        const sound = events.filter(({ value }) => !value?.includes(POISON));
        if (sound.length > 0) await publish(kafka.bootstrap, topic, random.shuffle(sound));
        published += sound.length;
      }
      if (published === 0) throw new Error('there is no event yet to deliver again');
    };
    return injected('the last events of every topic again, shuffled', deliverAgain, nothingToHeal);
  },
};

const poison: Fault = {
  name: 'poison events',
  hurts: ['kafka'],
  inject: ({ kafka }) =>
    injected(
      'events that nobody can handle, into every topic',
      async () => {
        for (const topic of TOPICS) await publish(kafka.bootstrap, topic, poisonFor(topic));
      },
      nothingToHeal,
    ),
};

/** No JSON, JSON of another shape, and a sound value without the headers that make it an event. */
function poisonFor(topic: (typeof TOPICS)[number]) {
  const headers = { ce_id: randomUUID(), ce_type: topic, ce_source: '/faults', ce_sequence: '0' };
  return [
    { key: `${POISON}-${randomUUID()}`, headers, value: `{"${POISON}": ` },
    { key: `${POISON}-${randomUUID()}`, headers: { ...headers, ce_id: randomUUID() }, value: `{"${POISON}": true}` },
    { key: `${POISON}-${randomUUID()}`, value: JSON.stringify({ ...soundValue(topic), [POISON]: true }) },
  ];
}

function soundValue<Topic extends keyof Payloads>(topic: Topic): Payloads[Topic] {
  const someone = randomUUID();
  const values: Payloads = {
    'user-registered': { user_id: someone },
    'user-deleted': { user_id: someone },
    'profile-updates': { user_id: someone, username: null, bio: '', avatar: null },
    'chat-messages': {
      id: randomUUID(),
      text: '',
      sender: someone,
      receiver: randomUUID(),
      time_sent: new Date().toISOString(),
    },
  };
  return values[topic];
}

export const DELIVERY_FAULTS: readonly Fault[] = [again, poison];
