import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import { parse } from 'yaml';
import { typesOfOperations } from './operations.ts';

/** From the repository's root. */
const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const contract = at('openapi.yaml');

const TYPES = 'packages/contracts/generated/http';
const CLIENT = 'services/web/generated/api';

const output = (path: string) => ({ path: at(path), clean: true, tsConfigPath: null });

// The types of requests and responses; and the web app's client, whose calls resolve to a response's body or throw.
await createClient([
  {
    input: contract,
    output: output(TYPES),
    plugins: ['@hey-api/typescript'],
    logs: { level: 'silent' },
  },
  {
    input: contract,
    output: output(CLIENT),
    plugins: [
      '@hey-api/typescript',
      { name: '@hey-api/sdk', auth: false, responseStyle: 'data' },
      { name: '@hey-api/client-fetch', throwOnError: true, baseUrl: false },
    ],
    logs: { level: 'silent' },
  },
]);

writeFileSync(at(`${TYPES}/operations.ts`), typesOfOperations(parse(readFileSync(contract, 'utf8'))));
