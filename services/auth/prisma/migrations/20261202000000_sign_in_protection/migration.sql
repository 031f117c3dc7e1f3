-- Tries to sign in with a wrong password: docs/decisions/0030-sign-in-protection.md. Both tables are short-lived counts, so
-- they are unlogged: after a crash of the server they start anew.
CREATE UNLOGGED TABLE "sign_in_failures" (
    "account" BYTEA NOT NULL,
    "network" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "delay_s" INTEGER NOT NULL DEFAULT 0,
    "blocked_until" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_in_failures_pkey" PRIMARY KEY ("account", "network")
);

CREATE INDEX "sign_in_failures_expires_at_idx" ON "sign_in_failures"("expires_at");

-- A token bucket for each account, as the moment at which it is full again.
CREATE UNLOGGED TABLE "sign_in_allowances" (
    "account" BYTEA NOT NULL,
    "full_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_in_allowances_pkey" PRIMARY KEY ("account")
);

CREATE INDEX "sign_in_allowances_full_at_idx" ON "sign_in_allowances"("full_at");

CREATE TABLE "known_networks" (
    "user_id" UUID NOT NULL,
    "network" TEXT NOT NULL,
    "last_seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "known_networks_pkey" PRIMARY KEY ("user_id", "network")
);

CREATE INDEX "known_networks_last_seen_idx" ON "known_networks"("last_seen");

ALTER TABLE "known_networks" ADD CONSTRAINT "known_networks_user_id_fkey"
    FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Counts a try as a failure before its password is compared, so that tries at once cannot pass the limit together, and
-- returns 0; or returns the seconds to wait, where the try has to be refused. `of_user` is NULL for an unknown email.
CREATE FUNCTION "begin_sign_in"(
    "of_account" BYTEA, "of_user" UUID, "from_network" TEXT,
    "free_failures" INTEGER, "window_s" INTEGER, "max_delay_s" INTEGER,
    "allowance" INTEGER, "refill_s" DOUBLE PRECISION, "known_days" INTEGER
) RETURNS INTEGER
LANGUAGE plpgsql AS $$
DECLARE
    pair sign_in_failures;
    full_again TIMESTAMPTZ;
    is_known BOOLEAN;
    moment TIMESTAMPTZ;
    window_length INTERVAL := make_interval(secs => window_s);
    refill INTERVAL := make_interval(secs => refill_s);
    -- A bucket that is full again later than this from now has no token.
    empty INTERVAL := make_interval(secs => refill_s * (allowance - 1));
BEGIN
    is_known := EXISTS (
        SELECT FROM known_networks
         WHERE user_id = of_user AND network = from_network AND last_seen > now() - make_interval(days => known_days));

    -- First without a lock and without a write: a flood of tries that are refused costs two reads each.
    SELECT * INTO pair FROM sign_in_failures
     WHERE account = of_account AND network = from_network AND expires_at > now();
    IF pair.delay_s >= max_delay_s AND pair.blocked_until > now() THEN
        RETURN ceil(extract(epoch FROM pair.blocked_until - now()));
    END IF;
    IF NOT is_known AND COALESCE(pair.failures, 0) < free_failures THEN
        SELECT full_at INTO full_again FROM sign_in_allowances WHERE account = of_account;
        IF full_again > now() + empty THEN
            RETURN ceil(extract(epoch FROM full_again - empty - now()));
        END IF;
    END IF;

    PERFORM pg_advisory_xact_lock(hashtextextended(encode(of_account, 'hex') || ' ' || from_network, 0));
    moment := clock_timestamp();

    -- A statement of its own: it must see what has committed while the lock was waited for.
    SELECT * INTO pair FROM sign_in_failures
     WHERE account = of_account AND network = from_network AND expires_at > moment;
    IF pair.failures >= free_failures AND COALESCE(pair.blocked_until > moment, true) THEN
        IF pair.delay_s >= max_delay_s AND pair.blocked_until > moment THEN
            RETURN ceil(extract(epoch FROM pair.blocked_until - moment));
        END IF;
        pair.delay_s := LEAST(GREATEST(pair.delay_s * 2, 1), max_delay_s);
        UPDATE sign_in_failures
           SET delay_s = pair.delay_s,
               blocked_until = moment + make_interval(secs => pair.delay_s),
               expires_at = moment + make_interval(secs => pair.delay_s) + window_length
         WHERE account = of_account AND network = from_network;
        RETURN pair.delay_s;
    END IF;

    IF NOT is_known THEN
        INSERT INTO sign_in_allowances AS bucket VALUES (of_account, moment + refill)
            ON CONFLICT (account) DO UPDATE SET full_at = GREATEST(bucket.full_at, moment) + refill
         WHERE bucket.full_at <= moment + empty;
        IF NOT FOUND THEN
            SELECT full_at INTO full_again FROM sign_in_allowances WHERE account = of_account;
            RETURN GREATEST(ceil(extract(epoch FROM full_again - empty - moment)), 1);
        END IF;
    END IF;

    INSERT INTO sign_in_failures AS known (account, network, failures, expires_at)
    VALUES (of_account, from_network, 1, moment + window_length)
        ON CONFLICT (account, network) DO UPDATE
       SET failures = COALESCE(pair.failures, 0) + 1,
           delay_s = COALESCE(pair.delay_s, 0),
           -- The next try is refused, and told twice the delay.
           blocked_until = NULL,
           expires_at = CASE
               WHEN pair.failures IS NULL THEN moment + window_length
               WHEN pair.failures >= free_failures THEN GREATEST(known.expires_at, moment + window_length)
               ELSE known.expires_at
           END;
    RETURN 0;
END
$$;

-- Takes back what begin_sign_in counted, where no password was compared.
CREATE FUNCTION "abandon_sign_in"("of_account" BYTEA, "from_network" TEXT) RETURNS VOID
LANGUAGE sql AS $$
    UPDATE sign_in_failures
       SET failures = failures - 1, blocked_until = CASE WHEN delay_s > 0 THEN now() END
     WHERE account = of_account AND network = from_network;
$$;

-- Remembers that a person has shown their password in this network; at most `most` networks, the last ones.
CREATE FUNCTION "remember_network"("of_user" UUID, "from_network" TEXT, "most" INTEGER) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    -- Not where the account has been deleted meanwhile, and not at each sign-in.
    INSERT INTO known_networks AS known (user_id, network)
    SELECT id, from_network FROM users WHERE id = of_user FOR KEY SHARE
        ON CONFLICT (user_id, network) DO UPDATE SET last_seen = now()
     WHERE known.last_seen < now() - INTERVAL '1 day';
    IF FOUND THEN
        DELETE FROM known_networks
         WHERE user_id = of_user AND network IN (
            SELECT network FROM known_networks WHERE user_id = of_user
             ORDER BY last_seen DESC, network = from_network DESC OFFSET most);
    END IF;
END
$$;

-- Forgets the failures of a person in this network, who has shown their password there.
CREATE FUNCTION "complete_sign_in"(
    "of_account" BYTEA, "of_user" UUID, "from_network" TEXT,
    "refill_s" DOUBLE PRECISION, "known_days" INTEGER, "most_known" INTEGER
) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of begin_sign_in, against deadlocks.
    IF NOT EXISTS (
        SELECT FROM known_networks
         WHERE user_id = of_user AND network = from_network AND last_seen > now() - make_interval(days => known_days)
    ) THEN
        UPDATE sign_in_allowances SET full_at = full_at - make_interval(secs => refill_s) WHERE account = of_account;
    END IF;
    DELETE FROM sign_in_failures WHERE account = of_account AND network = from_network;
    PERFORM remember_network(of_user, from_network, most_known);
END
$$;
