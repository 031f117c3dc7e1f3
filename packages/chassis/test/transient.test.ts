import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTransient } from '../src/database/transient.ts';

const coded = (code: string) => Object.assign(new Error('x'), { code });

for (const code of ['ECONNREFUSED', 'P1001', 'P2024', '57P01', '40001', '40P01', '53300', '08006', '28P01', '28000']) {
  test(`${code} passes by itself`, () => assert.ok(isTransient(coded(code))));
}

for (const code of ['P2002', '23505', '22P05', '42703', 'ERR_INVALID_ARG_TYPE']) {
  test(`${code} does not`, () => assert.ok(!isTransient(coded(code))));
}

test('the reason may lie in a cause or in an aggregate', () => {
  assert.ok(isTransient(new Error('outer', { cause: coded('57P03') })));
  assert.ok(isTransient(new AggregateError([coded('ECONNREFUSED')])));
  assert.ok(isTransient({ name: 'DriverAdapterError', cause: { kind: 'DatabaseNotReachable' } }));
});

test('a cause that leads back to itself ends', () => {
  const error = new Error('loop');
  error.cause = error;
  assert.ok(!isTransient(error));
});

for (const value of [undefined, null, 'ECONNREFUSED', 7]) {
  test(`${value} is no transient error`, () => assert.ok(!isTransient(value)));
}
