import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { BUSES } from '../support/buses.ts';
import { testJourney } from './journey.ts';

for (const { bus, kafka, skip } of BUSES) {
  describe(`a journey through the gateway, events by ${bus}`, { skip }, () => {
    let system: System;

    test('the system comes up', async (t) => {
      system = await startSystem({ kafka, env: { LOG_LEVEL: 'warn', BCRYPT_COST: '4' } });
      t.diagnostic(`at ${system.url}`);
    });

    testJourney(() => system.url);

    test('the system stops, and nothing of it stays', async () => {
      await system.stop();
      await assert.rejects(fetch(`${system.url}/livez`));
    });
  });
}
