-- A program that does not know of the column gets on with it, as a migration must have it.
ALTER TABLE publications ADD COLUMN e2e text NOT NULL DEFAULT 'new';
