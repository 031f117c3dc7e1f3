import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to the request or event at hand, wherever in the code one is. */
export type RequestContext = { requestId: string };

const storage = new AsyncLocalStorage<RequestContext>();

export const runInContext = storage.run.bind(storage) as <T>(context: RequestContext, work: () => T) => T;

export const requestId = (): string | undefined => storage.getStore()?.requestId;
