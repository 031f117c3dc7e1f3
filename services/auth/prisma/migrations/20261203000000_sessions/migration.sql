-- One row for each sign-in. Refresh tokens are derived from its key and its counter, so none is stored.
CREATE TABLE "sessions" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "user_id" UUID NOT NULL,
    "refresh_key" BYTEA NOT NULL,
    "counter" INTEGER NOT NULL DEFAULT 0,
    "user_agent" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "time_created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "time_refreshed" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "sessions_user_id_id_idx" ON "sessions"("user_id", "id");

CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey"
    FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Sessions, or with no session_id whole accounts, whose access tokens have to be refused until they expire. A transaction
-- may commit after one that began later, so readers go by the transaction's id, not by position alone.
CREATE TABLE "revocations" (
    "position" BIGSERIAL NOT NULL,
    "transaction_id" BIGINT NOT NULL,
    "user_id" UUID NOT NULL,
    "session_id" UUID,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revocations_pkey" PRIMARY KEY ("position")
);

CREATE INDEX "revocations_transaction_id_position_idx" ON "revocations"("transaction_id", "position");

CREATE INDEX "revocations_expires_at_idx" ON "revocations"("expires_at");
