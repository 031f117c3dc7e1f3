import { client } from '../../generated/api/client.gen.ts';
import { TEXT } from '../text.ts';
import { fetchWithRefresh } from './fetch-with-refresh.ts';
import { toApiError } from './problem.ts';

client.setConfig({ fetch: fetchWithRefresh });

client.interceptors.error.use((error, response) =>
  error instanceof DOMException && error.name === 'AbortError' ? error : toApiError(error, response, TEXT.problems),
);

export * from '../../generated/api/sdk.gen.ts';
export type * from '../../generated/api/types.gen.ts';
