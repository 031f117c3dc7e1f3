import type { Event } from '@wave-connect/chassis/events';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import type { Facts } from './facts.ts';

/** What was published on a topic, without what is there twice: one event, as far as anybody may notice. */
export function distinctEvents<Type extends keyof Payloads>(
  { published }: Pick<Facts, 'published'>,
  type: Type,
): Event<Payloads[Type]>[] {
  const byId = new Map((published.get(type) ?? []).map((event) => [event.id, event]));
  return [...byId.values()] as Event<Payloads[Type]>[];
}

export const describeEvent = ({ id, type, key }: Event): string => `${type} ${id} of ${key}`;
