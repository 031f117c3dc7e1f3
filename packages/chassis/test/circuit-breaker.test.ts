import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { type CircuitBreaker, createCircuitBreaker } from '../src/circuit-breaker.ts';

const FAILURES = 3;
const RESET_MS = 1_000;

describe('a circuit breaker', () => {
  let now: number;
  let changes: string[];
  let breaker: CircuitBreaker;

  beforeEach(() => {
    now = 0;
    mock.method(performance, 'now', () => now);
    changes = [];
    breaker = createCircuitBreaker({ failures: FAILURES, resetMs: RESET_MS }, (state) => changes.push(state));
  });

  afterEach(() => mock.restoreAll());

  function open(): void {
    for (let failed = 0; failed < FAILURES; failed += 1) {
      assert.ok(breaker.tryAcquire());
      breaker.failed();
    }
    assert.equal(breaker.state, 'open');
  }

  function halfOpen(): void {
    open();
    now += RESET_MS;
    assert.ok(breaker.tryAcquire());
    assert.equal(breaker.state, 'half-open');
  }

  test('opens after so many failures in a row, and lets no call pass', () => {
    open();
    now = RESET_MS - 1;
    assert.ok(!breaker.tryAcquire());
    assert.deepEqual(changes, ['open']);
  });

  test('stays closed where a success comes between the failures', () => {
    for (let failed = 1; failed < FAILURES; failed += 1) breaker.failed();
    breaker.succeeded();
    for (let failed = 1; failed < FAILURES; failed += 1) breaker.failed();
    assert.equal(breaker.state, 'closed');
    assert.ok(breaker.tryAcquire());
    assert.deepEqual(changes, []);
  });

  test('is half-open after its time: one call passes, and others do not until its outcome', () => {
    halfOpen();
    now += 10 * RESET_MS;
    assert.ok(!breaker.tryAcquire());
    assert.deepEqual(changes, ['open']);
  });

  test('closes when the trial succeeds', () => {
    halfOpen();
    breaker.succeeded();
    assert.equal(breaker.state, 'closed');
    assert.ok(breaker.tryAcquire());
    assert.deepEqual(changes, ['open', 'closed']);
    breaker.failed();
    assert.equal(breaker.state, 'closed', 'it counts anew');
  });

  test('opens for its whole time again when the trial fails', () => {
    halfOpen();
    breaker.failed();
    assert.equal(breaker.state, 'open');
    now += RESET_MS - 1;
    assert.ok(!breaker.tryAcquire());
    now += 1;
    assert.ok(breaker.tryAcquire());
    assert.deepEqual(changes, ['open']);
  });

  test('lets the next call be the trial where one was abandoned', () => {
    halfOpen();
    breaker.abandoned();
    assert.equal(breaker.state, 'open');
    assert.ok(breaker.tryAcquire());
    assert.ok(!breaker.tryAcquire());
  });

  test('counts no abandoned call while it is closed', () => {
    for (let failed = 1; failed < FAILURES; failed += 1) breaker.failed();
    breaker.abandoned();
    assert.equal(breaker.state, 'closed');
    breaker.failed();
    assert.equal(breaker.state, 'open');
  });
});
