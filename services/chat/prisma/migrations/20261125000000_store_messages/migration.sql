-- Takes the locks of lock_conversation, or none that somebody else has; false where it could not.
CREATE FUNCTION "try_lock_conversation"("one" UUID, "other" UUID) RETURNS BOOLEAN
LANGUAGE plpgsql AS $$
DECLARE
    lower TEXT := LEAST(one, other);
    upper TEXT := GREATEST(one, other);
BEGIN
    RETURN pg_try_advisory_xact_lock_shared(hashtextextended(lower, 0))
       AND pg_try_advisory_xact_lock_shared(hashtextextended(upper, 0))
       AND pg_try_advisory_xact_lock(hashtextextended(lower || upper, 0));
END
$$;

-- Does for many messages what store_message does for one, in one transaction, and returns a row for each in the order
-- given. It waits for nobody: messages whose conversation somebody else has locked come back as busy, not stored.
CREATE FUNCTION "store_messages"("senders" UUID[], "receivers" UUID[], "bodies" TEXT[], "requests" TEXT[])
RETURNS TABLE (
    "message_id" UUID, "sent_at" TIMESTAMPTZ(3), "sender_deleted" BOOLEAN, "receiver_deleted" BOOLEAN, "busy" BOOLEAN
)
LANGUAGE plpgsql AS $$
DECLARE
    locked BOOLEAN[];
BEGIN
    SELECT array_agg(try_lock_conversation(sender, receiver) ORDER BY place) INTO locked
      FROM unnest(senders, receivers) WITH ORDINALITY AS given (sender, receiver, place);

    -- A statement of its own: it must see what has committed before the locks were had.
    RETURN QUERY
    WITH given AS (
        SELECT place, sender, receiver, body, request, NOT locked[place] AS busy,
               EXISTS (SELECT FROM deleted_accounts WHERE user_id = sender) AS sender_deleted,
               EXISTS (SELECT FROM deleted_accounts WHERE user_id = receiver) AS receiver_deleted
          FROM unnest(senders, receivers, bodies, requests) WITH ORDINALITY
            AS frame (sender, receiver, body, request, place)
    ), stored AS MATERIALIZED (
        SELECT accepted.*, uuidv7() AS id
          FROM (SELECT place, sender, receiver, body, request FROM given
                 WHERE NOT (given.busy OR given.sender_deleted OR given.receiver_deleted) ORDER BY place) AS accepted
    ), inserted AS (
        INSERT INTO messages (id, text, sender, receiver) SELECT id, body, sender, receiver FROM stored
    ), listed AS (
        INSERT INTO conversations AS known (user_id, peer_id, last_message_id, unread_count)
        SELECT side.user_id, side.peer_id, (array_agg(side.id ORDER BY side.place DESC))[1], sum(side.unread)
          FROM (SELECT sender AS user_id, receiver AS peer_id, id, place, 0 AS unread FROM stored
                UNION ALL
                SELECT receiver, sender, id, place, 1 FROM stored) AS side
         GROUP BY side.user_id, side.peer_id
            ON CONFLICT (user_id, peer_id) DO UPDATE
           SET last_message_id = excluded.last_message_id, unread_count = known.unread_count + excluded.unread_count
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
