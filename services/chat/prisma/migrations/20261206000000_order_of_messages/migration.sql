-- The greatest id that the conversation ever had, so that the order of its messages outlives them. A conversation without
-- a message keeps its rows for it, without a last message.
ALTER TABLE "conversations" ADD COLUMN "newest_message_id" UUID;
ALTER TABLE "conversations" ALTER COLUMN "last_message_id" DROP NOT NULL;

-- Stores the messages whose locks are had, what both people's lists show of them, and their events; returns a row for each in
-- the order given. Nothing is stored of a message whose conversation is not locked, or where an account is deleted. An
-- id is of the database's clock, unless that is behind the conversation's newest message: then of the millisecond after it.
CREATE FUNCTION "store_locked_messages"(
    "locked" BOOLEAN[], "senders" UUID[], "receivers" UUID[], "bodies" TEXT[], "requests" TEXT[]
)
RETURNS TABLE (
    "message_id" UUID, "sent_at" TIMESTAMPTZ(3), "sender_deleted" BOOLEAN, "receiver_deleted" BOOLEAN, "busy" BOOLEAN
)
LANGUAGE plpgsql AS $$
DECLARE
    -- Before any id is made: ids of one session ascend from here on, with the same delay for all of a conversation.
    moment TIMESTAMPTZ := clock_timestamp();
BEGIN
    -- One statement, which sees what has committed before the locks were had.
    RETURN QUERY
    WITH given AS (
        SELECT place, sender, receiver, body, request, NOT had AS busy,
               EXISTS (SELECT FROM deleted_accounts WHERE user_id = sender) AS sender_deleted,
               EXISTS (SELECT FROM deleted_accounts WHERE user_id = receiver) AS receiver_deleted
          FROM unnest(locked, senders, receivers, bodies, requests) WITH ORDINALITY
            AS frame (had, sender, receiver, body, request, place)
    ), stored AS MATERIALIZED (
        SELECT accepted.*, uuidv7(accepted.delay) AS id
          FROM (SELECT place, sender, receiver, body, request,
                       make_interval(secs => GREATEST(0, extract(epoch FROM
                           uuid_extract_timestamp(GREATEST(newest_message_id, last_message_id))
                               + INTERVAL '1 millisecond' - moment))::float8) AS delay
                  FROM given LEFT JOIN conversations ON user_id = sender AND peer_id = receiver
                 WHERE NOT (given.busy OR given.sender_deleted OR given.receiver_deleted) ORDER BY place) AS accepted
    ), inserted AS (
        INSERT INTO messages (id, text, sender, receiver) SELECT id, body, sender, receiver FROM stored
    ), listed AS (
        INSERT INTO conversations AS known (user_id, peer_id, last_message_id, newest_message_id, unread_count)
        SELECT user_id, peer_id, ids[1], ids[1], unread
          FROM (SELECT user_id, peer_id, array_agg(id ORDER BY place DESC) AS ids, sum(unread) AS unread
                  FROM (SELECT sender AS user_id, receiver AS peer_id, id, place, 0 AS unread FROM stored
                        UNION ALL
                        SELECT receiver, sender, id, place, 1 FROM stored) AS side
                 GROUP BY user_id, peer_id) AS changed
            ON CONFLICT (user_id, peer_id) DO UPDATE
           SET last_message_id = excluded.last_message_id, newest_message_id = excluded.newest_message_id,
               unread_count = known.unread_count + excluded.unread_count
    ), told AS (
        INSERT INTO outbox (aggregatetype, aggregateid, type, payload, request_id)
        SELECT 'message', sender, 'chat-messages',
               jsonb_build_object(
                   'id', id, 'text', body, 'sender', sender, 'receiver', receiver, 'time_sent',
                   to_char(uuid_extract_timestamp(id) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
               request
          FROM stored ORDER BY place
    )
    SELECT stored.id, uuid_extract_timestamp(stored.id)::TIMESTAMPTZ(3),
           given.sender_deleted, given.receiver_deleted, given.busy
      FROM given LEFT JOIN stored USING (place) ORDER BY place;
END
$$;

-- Waits for the locks of one message.
CREATE OR REPLACE FUNCTION "store_message"(
    "from_user" UUID, "to_user" UUID, "body" TEXT, "request" TEXT,
    OUT "message_id" UUID, OUT "sent_at" TIMESTAMPTZ(3), OUT "sender_deleted" BOOLEAN, OUT "receiver_deleted" BOOLEAN
)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_conversation(from_user, to_user);
    SELECT stored.message_id, stored.sent_at, stored.sender_deleted, stored.receiver_deleted
      INTO message_id, sent_at, sender_deleted, receiver_deleted
      FROM store_locked_messages(ARRAY[true], ARRAY[from_user], ARRAY[to_user], ARRAY[body], ARRAY[request]) AS stored;
END
$$;

-- Waits for nobody: messages whose conversation another transaction has locked come back as busy, not stored.
CREATE OR REPLACE FUNCTION "store_messages"("senders" UUID[], "receivers" UUID[], "bodies" TEXT[], "requests" TEXT[])
RETURNS TABLE (
    "message_id" UUID, "sent_at" TIMESTAMPTZ(3), "sender_deleted" BOOLEAN, "receiver_deleted" BOOLEAN, "busy" BOOLEAN
)
LANGUAGE plpgsql AS $$
DECLARE
    locked BOOLEAN[];
BEGIN
    SELECT array_agg(try_lock_conversation(sender, receiver) ORDER BY place) INTO locked
      FROM unnest(senders, receivers) WITH ORDINALITY AS given (sender, receiver, place);
    RETURN QUERY SELECT * FROM store_locked_messages(locked, senders, receivers, bodies, requests);
END
$$;
