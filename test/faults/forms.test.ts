import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOG } from './catalog/catalog.ts';
import { SHORT, SHORT_FAULTS } from './forms.ts';

test('every fault of the short form is in the catalog', () => {
  assert.deepEqual(
    CATALOG.filter(SHORT.isPartOf)
      .map(({ name }) => name)
      .toSorted(),
    SHORT_FAULTS.toSorted(),
  );
});
