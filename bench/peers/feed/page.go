package main

import (
	"encoding/base64"
	"time"

	"github.com/google/uuid"
)

type page struct {
	Items      []publication `json:"items"`
	NextCursor *string       `json:"next_cursor"`
}

type publication struct {
	ID           uuid.UUID `json:"id"`
	Text         string    `json:"text"`
	UserID       uuid.UUID `json:"user_id"`
	TimeCreated  instant   `json:"time_created"`
	Author       *author   `json:"author"`
	CommentCount int       `json:"comment_count"`
}

type author struct {
	Username  string  `json:"username"`
	AvatarURL *string `json:"avatar_url"`
}

// RFC 3339 in UTC, with milliseconds.
type instant time.Time

func (i instant) MarshalText() ([]byte, error) {
	return time.Time(i).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

func encodeCursor(id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(id[:])
}

func decodeCursor(cursor string) (uuid.UUID, error) {
	bytes, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return uuid.UUID{}, err
	}
	return uuid.FromBytes(bytes)
}
