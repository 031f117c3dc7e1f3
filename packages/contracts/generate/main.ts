import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';

/** From the repository's root. */
const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const contract = at('openapi.yaml');

const output = (path: string) => ({ path: at(path), clean: true, tsConfigPath: null });

/** The types of the contract's requests and responses; and the web app's client, whose calls resolve to a body or throw. */
await createClient([
  {
    input: contract,
    output: output('packages/contracts/generated/http'),
    plugins: ['@hey-api/typescript'],
    logs: { level: 'silent' },
  },
  {
    input: contract,
    output: output('services/web/generated/api'),
    plugins: [
      '@hey-api/typescript',
      { name: '@hey-api/sdk', auth: false, responseStyle: 'data' },
      { name: '@hey-api/client-fetch', throwOnError: true, baseUrl: false },
    ],
    logs: { level: 'silent' },
  },
]);
