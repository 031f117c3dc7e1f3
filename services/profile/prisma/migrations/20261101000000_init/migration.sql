CREATE TABLE "profiles" (
    "id" UUID NOT NULL,
    "username" TEXT,
    "bio" TEXT NOT NULL DEFAULT '',
    -- Images do not compress any further.
    "avatar" BYTEA STORAGE EXTERNAL,
    "avatar_type" TEXT,
    "avatar_etag" TEXT,
    "time_created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "profiles_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "profiles_avatar_check" CHECK (num_nulls("avatar", "avatar_type", "avatar_etag") IN (0, 3))
);

CREATE UNIQUE INDEX "profiles_username_key" ON "profiles"(lower("username")) WHERE "username" IS NOT NULL;

CREATE TABLE "outbox" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "position" BIGSERIAL NOT NULL,
    "aggregatetype" TEXT NOT NULL,
    "aggregateid" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "request_id" TEXT,
    "time_created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("position")
);

CREATE UNIQUE INDEX "outbox_id_key" ON "outbox"("id");

CREATE TABLE "processed_events" (
    "event_id" UUID NOT NULL,
    "event_type" TEXT NOT NULL,
    "processed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "processed_events_pkey" PRIMARY KEY ("event_id")
);

CREATE INDEX "processed_events_processed_at_idx" ON "processed_events"("processed_at");

CREATE TABLE "deleted_accounts" (
    "user_id" UUID NOT NULL,
    "time_deleted" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deleted_accounts_pkey" PRIMARY KEY ("user_id")
);
