import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRouter, type Handlers } from '../src/http/router.ts';

async function refuse(): Promise<never> {
  throw new Error('nothing is asked here');
}

const handlers: Handlers<'auth'> = {
  register: refuse,
  login: refuse,
  refreshSession: refuse,
  listSessions: refuse,
  deleteSession: refuse,
  changePassword: refuse,
  logOut: refuse,
  getCaller: refuse,
  deleteAccount: refuse,
};

test("a service's routes lie below its name, and those without security need no caller", () => {
  const { prefix, publicPaths } = createRouter('auth', handlers);
  assert.equal(prefix, '/api/auth');
  assert.deepEqual(publicPaths, ['/register', '/login', '/session/refresh', '/logout']);
});

test('an operation without a handler fails the start, and the type check', () => {
  const { login: _, ...others } = handlers;
  // @ts-expect-error login is missing
  assert.throws(() => createRouter('auth', others), /auth has no handler for login/);
});

test('a handler without an operation fails the start, and the type check', () => {
  // @ts-expect-error getHealth is the gateway's
  assert.throws(() => createRouter('auth', { ...handlers, getHealth: refuse }), /auth has no operation getHealth/);
});
