-- People whose rows are being deleted in batches: packages/chassis/src/events/consumer/erasures.ts. Reads leave their rows out.
CREATE TABLE "erasures" (
    "user_id" UUID NOT NULL,
    "rows_erased" BIGINT NOT NULL DEFAULT 0,
    "time_created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Of the last batch; the person who has waited longest is next.
    "time_worked" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("user_id")
);

CREATE INDEX "erasures_time_worked_idx" ON "erasures"("time_worked");
