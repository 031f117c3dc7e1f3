import type { Random } from '../random.ts';
import { leave } from './accounts.ts';
import { markRead, say } from './chat.ts';
import { comment, publish, rewrite, withdrawComment, withdrawPost } from './feed.ts';
import { look } from './looking.ts';
import { describeOneself, showOneself } from './profiles.ts';
import type { Person, Scene } from './scene.ts';

export type Action = (person: Person, scene: Scene) => Promise<void>;

/** How often people do each of these, compared with the others. */
const HABITS: readonly (readonly [number, Action])[] = [
  [26, say],
  [16, look],
  [14, comment],
  [13, publish],
  [10, describeOneself],
  [7, rewrite],
  [5, markRead],
  [3, withdrawComment],
  [2, withdrawPost],
  [2, showOneself],
  [2, leave],
];
const TOTAL = HABITS.reduce((sum, [weight]) => sum + weight, 0);

/** Whoever is new completes the profile first, in most cases. */
const SHY = 0.1;

export function choose(person: Person, random: Random): Action {
  if (!person.hasProfile && random.next() > SHY) return describeOneself;
  let rest = random.next() * TOTAL;
  for (const [weight, action] of HABITS) {
    rest -= weight;
    if (rest < 0) return action;
  }
  return look;
}
