package main

import (
	"encoding/json"
	"log"
	"time"

	"github.com/google/uuid"
)

type clientFrame struct {
	Receiver uuid.UUID       `json:"receiver"`
	Text     string          `json:"text"`
	ClientID json.RawMessage `json:"client_id"`
}

type serverFrame struct {
	Type     string          `json:"type"`
	Message  *message        `json:"message,omitempty"`
	Title    string          `json:"title,omitempty"`
	Detail   string          `json:"detail,omitempty"`
	ClientID json.RawMessage `json:"client_id,omitempty"`
}

type message struct {
	ID       uuid.UUID `json:"id"`
	Text     string    `json:"text"`
	Sender   uuid.UUID `json:"sender"`
	Receiver uuid.UUID `json:"receiver"`
	TimeSent instant   `json:"time_sent"`
}

// RFC 3339 in UTC, with milliseconds.
type instant time.Time

func (i instant) MarshalText() ([]byte, error) {
	return time.Time(i).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

func encode(frame serverFrame) []byte {
	data, err := json.Marshal(frame)
	if err != nil {
		log.Fatal(err)
	}
	return data
}
