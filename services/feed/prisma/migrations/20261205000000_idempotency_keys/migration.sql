-- Responses to requests with an Idempotency-Key, written in the transaction of the request: packages/chassis/src/database/idempotency.ts.
CREATE TABLE "idempotency_keys" (
    "user_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "time_created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("user_id","key")
);

CREATE INDEX "idempotency_keys_user_id_time_created_idx" ON "idempotency_keys"("user_id", "time_created" DESC);

CREATE INDEX "idempotency_keys_time_created_idx" ON "idempotency_keys"("time_created");
