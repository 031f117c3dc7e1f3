-- The table is small, every read looks at it, and each batch updates it: without the index such an update stays on its page.
DROP INDEX "erasures_time_worked_idx";

ALTER TABLE "erasures" SET (fillfactor = 50);
