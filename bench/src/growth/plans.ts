import { queryPlans } from '@wave-connect/dev-env/postgres';
import { createClient as createChatClient } from '../../../services/chat/src/repository/client.ts';
import { conversationsIn } from '../../../services/chat/src/repository/conversations.ts';
import { createStore as createFeedStore } from '../../../services/feed/src/repository/store.ts';
import type { ChatMarks, Marks } from './data.ts';

const TAKE = 21;

/** What Postgres plans for the statements of each list, of the repositories themselves. */
export const feedPlans = async (databaseUrl: string, ids: Marks): Promise<[name: string, plan: string][]> => {
  const plans = await queryPlans(databaseUrl, async (pool) => {
    const { lists, comments } = createFeedStore(pool);
    await lists.all(ids.middlePublication, TAKE);
    await lists.of(ids.author, ids.middlePublication, TAKE);
    await comments.listOn(ids.post, ids.middleComment, TAKE);
  });
  return ['feed', "one person's", 'comments of a post'].map((name, at) => [name, plans[at] ?? '']);
};

export const chatPlans = async (databaseUrl: string, ids: ChatMarks): Promise<[name: string, plan: string][]> => {
  const [plan = ''] = await queryPlans(databaseUrl, (pool) =>
    conversationsIn(createChatClient(pool)).list(ids.person, ids.middleMessage, TAKE),
  );
  return [['conversations', plan]];
};
