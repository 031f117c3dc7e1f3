package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type publications struct{ pool *pgxpool.Pool }

const newest = `
	SELECT p.id, p.text, p.user_id, p.time_created, p.comment_count, a.username, a.avatar_url
	  FROM publications AS p LEFT JOIN authors AS a ON a.user_id = p.user_id
	 WHERE p.id < $1 ORDER BY p.id DESC LIMIT $2`

// One row more than is shown tells whether another page follows.
func (p publications) list(ctx context.Context, before *uuid.UUID, limit int) (page, error) {
	if before == nil {
		before = &uuid.Max
	}
	rows, err := p.pool.Query(ctx, newest, *before, limit+1)
	if err != nil {
		return page{}, err
	}
	items, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return page{}, err
	}
	if len(items) <= limit {
		return page{Items: items}, nil
	}
	items = items[:limit]
	next := encodeCursor(items[limit-1].ID)
	return page{Items: items, NextCursor: &next}, nil
}

func scan(row pgx.CollectableRow) (publication, error) {
	var p publication
	var created time.Time
	var username, avatarURL *string
	err := row.Scan(&p.ID, &p.Text, &p.UserID, &created, &p.CommentCount, &username, &avatarURL)
	p.TimeCreated = instant(created)
	if username != nil {
		p.Author = &author{Username: *username, AvatarURL: avatarURL}
	}
	return p, err
}
