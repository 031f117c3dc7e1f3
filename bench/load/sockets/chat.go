package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

const (
	textLength      = 100
	deliverDeadline = 30 * time.Second
	checkEvery      = time.Millisecond
)

type measured struct {
	Sockets  int     `json:"sockets"`
	Messages int     `json:"messages"`
	Rate     float64 `json:"rate"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	Errors   int     `json:"errors"`
	Error    string  `json:"error,omitempty"`
}

type frame struct {
	Type    string `json:"type"`
	Detail  string `json:"detail"`
	Message struct {
		Text     string    `json:"text"`
		Sender   uuid.UUID `json:"sender"`
		Receiver uuid.UUID `json:"receiver"`
	} `json:"message"`
}

type talk struct {
	end                       time.Time
	sent, answered, delivered atomic.Int64
	failures                  *failures
	closing                   atomic.Bool
}

// Two by two they write to each other, each the next message once the last is answered. A message counts once its
// sender has the answer, which says that it is stored, and its receiver the message. Ends when that is so of all.
func chat(people []*person, duration time.Duration, failures *failures) measured {
	begin := time.Now()
	talk := &talk{end: begin.Add(duration), failures: failures}
	delays := make([][]time.Duration, len(people))
	var group sync.WaitGroup
	for i, own := range people {
		if i^1 < len(people) {
			peer := people[i^1]
			talk.sent.Add(1)
			group.Go(func() { delays[i] = talk.run(own, peer) })
		}
	}
	talk.await(talk.end.Add(deliverDeadline))
	elapsed := time.Since(begin)
	talk.closing.Store(true)
	closeAll(people)
	group.Wait()

	all := slices.Concat(delays...)
	slices.Sort(all)
	lost := max(talk.sent.Load()-talk.delivered.Load(), talk.delivered.Load()-talk.sent.Load())
	if lost > 0 {
		failures.add(fmt.Errorf("%d of %d messages lost or delivered twice", lost, talk.sent.Load()))
	}
	return measured{
		Sockets:  len(people),
		Messages: len(all),
		Rate:     float64(len(all)) / elapsed.Seconds(),
		P50:      percentile(all, 50),
		P99:      percentile(all, 99),
		Errors:   failures.count(),
		Error:    failures.example(),
	}
}

// Reads and writes one socket. Returns how long the messages to it were on their way.
func (t *talk) run(own, peer *person) (delays []time.Duration) {
	if !t.send(own, peer) {
		return nil
	}
	for {
		_, data, err := own.socket.ReadMessage()
		if err != nil {
			if !t.closing.Load() {
				t.failures.add(err)
			}
			return delays
		}
		var got frame
		switch err := json.Unmarshal(data, &got); {
		case err != nil:
			t.failures.add(err)
		case got.Type != "message":
			t.failures.add(errors.New(got.Detail))
		case got.Message.Receiver == own.id:
			delays = append(delays, sinceSent(got.Message.Text))
			t.delivered.Add(1)
		case got.Message.Sender == own.id:
			t.answered.Add(1)
			if time.Now().Before(t.end) {
				t.sent.Add(1)
				if !t.send(own, peer) {
					return delays
				}
			}
		}
	}
}

func (t *talk) send(own, peer *person) bool {
	text := strconv.FormatInt(time.Now().UnixNano(), 10) + " "
	text += strings.Repeat("x", textLength-len(text))
	data := fmt.Appendf(nil, `{"receiver":"%s","text":"%s","client_id":1}`, peer.id, text)
	if err := own.socket.WriteMessage(websocket.TextMessage, data); err != nil {
		t.failures.add(err)
		return false
	}
	return true
}

// Stops as soon as something has failed, for then the count is never reached.
func (t *talk) await(deadline time.Time) {
	for time.Now().Before(deadline) && t.failures.count() == 0 {
		sent := t.sent.Load()
		if time.Now().After(t.end) && t.answered.Load() == sent && t.delivered.Load() == sent {
			return
		}
		time.Sleep(checkEvery)
	}
}

func sinceSent(text string) time.Duration {
	at, _, _ := strings.Cut(text, " ")
	nanos, _ := strconv.ParseInt(at, 10, 64)
	return time.Duration(time.Now().UnixNano() - nanos)
}

func percentile(sorted []time.Duration, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[(len(sorted)-1)*percent/100].Microseconds()) / 1_000
}
