package main

import (
	"sync"

	"github.com/google/uuid"
)

// Who listens.
type hub struct {
	mutex     sync.RWMutex
	listeners map[uuid.UUID]map[*connection]struct{}
}

func newHub() *hub {
	return &hub{listeners: map[uuid.UUID]map[*connection]struct{}{}}
}

func (h *hub) join(c *connection) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.listeners[c.caller] == nil {
		h.listeners[c.caller] = map[*connection]struct{}{}
	}
	h.listeners[c.caller][c] = struct{}{}
}

func (h *hub) leave(c *connection) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.listeners[c.caller], c)
	if len(h.listeners[c.caller]) == 0 {
		delete(h.listeners, c.caller)
	}
}

// To all sockets of both people but the one that it came from, which gets an answer of its own.
func (h *hub) deliver(m message, from *connection) {
	frame := encode(serverFrame{Type: "message", Message: &m})
	h.mutex.RLock()
	defer h.mutex.RUnlock()
	for _, user := range []uuid.UUID{m.Sender, m.Receiver} {
		for c := range h.listeners[user] {
			if c != from {
				c.send(frame)
			}
		}
	}
}
