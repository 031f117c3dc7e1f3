package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

type messages struct{ pool *pgxpool.Pool }

var errDeleted = errors.New("an account is deleted")

const (
	store     = `SELECT message_id, sent_at, sender_deleted OR receiver_deleted FROM store_message($1, $2, $3, NULL)`
	isDeleted = `SELECT EXISTS (SELECT 1 FROM deleted_accounts WHERE user_id = $1)`
)

// Fills in what the database has made of the message.
func (m messages) store(ctx context.Context, given *message) error {
	var id *uuid.UUID
	var sent *time.Time
	var deleted bool
	row := m.pool.QueryRow(ctx, store, given.Sender, given.Receiver, given.Text)
	if err := row.Scan(&id, &sent, &deleted); err != nil {
		return err
	}
	if deleted || id == nil || sent == nil {
		return errDeleted
	}
	given.ID, given.TimeSent = *id, instant(*sent)
	return nil
}

func (m messages) isDeleted(ctx context.Context, user uuid.UUID) (deleted bool, err error) {
	err = m.pool.QueryRow(ctx, isDeleted, user).Scan(&deleted)
	return deleted, err
}
