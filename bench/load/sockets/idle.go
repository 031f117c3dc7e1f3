package main

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const pongTimeout = time.Second

type held struct {
	Sockets int    `json:"sockets"`
	Pings   int64  `json:"pings"`
	Errors  int    `json:"errors"`
	Error   string `json:"error,omitempty"`
}

// Sockets that are held open from the moment on that each of them opens.
type holding struct {
	open, pings atomic.Int64
	closing     atomic.Bool
	readers     sync.WaitGroup
	failures    *failures
}

// Answers pings. A socket that closes before the end is a failure.
func (h *holding) hold(p *person) {
	h.open.Add(1)
	p.socket.SetPingHandler(func(data string) error {
		h.pings.Add(1)
		return p.socket.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(pongTimeout))
	})
	h.readers.Go(func() {
		for {
			if _, _, err := p.socket.ReadMessage(); err != nil {
				if !h.closing.Load() {
					h.open.Add(-1)
					h.failures.add(err)
				}
				return
			}
		}
	})
}

func (h *holding) result() held {
	return held{int(h.open.Load()), h.pings.Load(), h.failures.count(), h.failures.example()}
}

func (h *holding) release(people []*person) {
	h.closing.Store(true)
	closeAll(people)
	h.readers.Wait()
}
