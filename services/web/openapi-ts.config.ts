import { defineConfig } from '@hey-api/openapi-ts';

/** Types and calls of the contract, for `src/api`. A call resolves to the answer's body and throws whatever is an error. */
export default defineConfig({
  input: '../../openapi.yaml',
  output: { path: 'generated/api', clean: true, tsConfigPath: null },
  plugins: [
    '@hey-api/typescript',
    { name: '@hey-api/sdk', auth: false, responseStyle: 'data' },
    { name: '@hey-api/client-fetch', throwOnError: true, baseUrl: false },
  ],
});
