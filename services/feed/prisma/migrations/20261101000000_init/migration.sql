CREATE TABLE "publications" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "text" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "time_created" TIMESTAMPTZ(3) NOT NULL GENERATED ALWAYS AS (uuid_extract_timestamp("id")) STORED,
    "comment_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "publications_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "publications_comment_count_check" CHECK ("comment_count" >= 0)
);

CREATE INDEX "publications_user_id_id_idx" ON "publications"("user_id", "id" DESC);

CREATE TABLE "comments" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "pub_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "time_created" TIMESTAMPTZ(3) NOT NULL GENERATED ALWAYS AS (uuid_extract_timestamp("id")) STORED,

    CONSTRAINT "comments_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "comments_pub_id_fkey" FOREIGN KEY ("pub_id") REFERENCES "publications"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "comments_pub_id_id_idx" ON "comments"("pub_id", "id");

CREATE INDEX "comments_user_id_idx" ON "comments"("user_id");

CREATE TABLE "authors" (
    "user_id" UUID NOT NULL,
    "username" TEXT,
    "avatar_url" TEXT,
    "version" BIGINT NOT NULL,

    CONSTRAINT "authors_pkey" PRIMARY KEY ("user_id")
);

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
