import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { type Contract, disagreements } from './endpoints-md.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

suite('ENDPOINTS.md', () => {
  const reference = read('ENDPOINTS.md');
  const contract: Contract = parse(read('openapi.yaml'));

  test('says of each operation what openapi.yaml says', () => {
    assert.notEqual(Object.keys(contract.paths).length, 0);
    assert.deepEqual(disagreements(reference, contract), []);
  });

  const mistakes: { mistake: string; from: string | RegExp; to: string; found: string[] }[] = [
    {
      mistake: 'a heading that is missing',
      from: '### GET /api/feed/{id}\n',
      to: '',
      found: ['GET /api/feed/{id} is not described'],
    },
    {
      mistake: 'a path that is misspelt',
      from: '### GET /api/auth/id/\n',
      to: '### GET /api/auth/id\n',
      found: ['GET /api/auth/id/ is not described', 'GET /api/auth/id is not in the contract'],
    },
    {
      mistake: 'a heading that is there twice',
      from: '### GET /livez\n',
      to: '### GET /health\n- **Success**: `200`\n\n### GET /livez\n',
      found: ['GET /health is described twice'],
    },
    {
      mistake: 'a wrong success',
      from: '**Success**: `202`',
      to: '**Success**: `200`',
      found: ['POST /api/auth/login: success [200], in the contract [202]'],
    },
    {
      mistake: 'an error that is left out',
      from: '`409` the email is taken · ',
      to: '',
      found: [
        'POST /api/auth/register: errors [400,413,415,429,502,503,504], in the contract [400,409,413,415,429,502,503,504]',
      ],
    },
    {
      mistake: 'an error that cannot happen',
      from: /(?<=### GET \/health\n[^#]*Errors\*\*: )none/,
      to: '`404`',
      found: ['GET /health: errors [404], in the contract []'],
    },
  ];
  for (const { mistake, from, to, found } of mistakes) {
    test(`would not get away with ${mistake}`, () => {
      const mistaken = reference.replace(from, to);
      assert.notEqual(mistaken, reference);
      assert.deepEqual(disagreements(mistaken, contract), found);
    });
  }
});
