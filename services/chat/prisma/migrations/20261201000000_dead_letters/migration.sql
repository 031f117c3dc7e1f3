-- Events that were given up, as they came. An operator replays or discards them: docs/operations.md.
CREATE TABLE "dead_letters" (
    "position" BIGSERIAL NOT NULL,
    "consumer_group" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "key" TEXT,
    "value" TEXT,
    "headers" JSONB NOT NULL,
    "place" TEXT,
    "error" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "first_failed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_failed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "replay_requested_at" TIMESTAMPTZ(3),

    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("position")
);

CREATE UNIQUE INDEX "dead_letters_consumer_group_topic_event_id_key" ON "dead_letters"("consumer_group", "topic", "event_id");

-- What a service looks for once a second.
CREATE INDEX "dead_letters_replay_idx" ON "dead_letters"("consumer_group", "position") WHERE "replay_requested_at" IS NOT NULL;
