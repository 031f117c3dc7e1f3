package main

import (
	"context"
	"encoding/json"
	"log"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

const (
	maxFrame     = 64 << 10
	maxBuffered  = 256
	pingInterval = 30 * time.Second
	writeTimeout = 10 * time.Second
)

type parts struct {
	messages messages
	hub      *hub
}

type connection struct {
	parts
	socket *websocket.Conn
	caller uuid.UUID
	out    chan []byte
	done   chan struct{}
	cut    sync.Once
}

func newConnection(socket *websocket.Conn, caller uuid.UUID, parts parts) *connection {
	return &connection{
		parts: parts, socket: socket, caller: caller, out: make(chan []byte, maxBuffered), done: make(chan struct{}),
	}
}

// Handles frames in order until the socket closes.
func (c *connection) serve() {
	c.hub.join(c)
	defer c.close()
	defer c.hub.leave(c)
	go c.write()

	c.socket.SetReadLimit(maxFrame)
	c.alive()
	c.socket.SetPongHandler(func(string) error { return c.alive() })
	for {
		kind, data, err := c.socket.ReadMessage()
		if err != nil || kind != websocket.TextMessage {
			return
		}
		c.handle(data)
	}
}

func (c *connection) handle(data []byte) {
	var frame clientFrame
	if json.Unmarshal(data, &frame) != nil || frame.Text == "" || frame.Receiver == c.caller {
		c.send(encode(serverFrame{Type: "error", Title: "Invalid request", Detail: "not a frame", ClientID: frame.ClientID}))
		return
	}
	m := message{Text: frame.Text, Sender: c.caller, Receiver: frame.Receiver}
	if err := c.messages.store(context.Background(), &m); err != nil {
		log.Print(err)
		c.send(encode(serverFrame{Type: "error", Title: "Failed", Detail: "not stored", ClientID: frame.ClientID}))
		return
	}
	c.hub.deliver(m, c)
	c.send(encode(serverFrame{Type: "message", Message: &m, ClientID: frame.ClientID}))
}

// A reader that is too far behind is cut off.
func (c *connection) send(frame []byte) {
	select {
	case c.out <- frame:
	default:
		c.close()
	}
}

func (c *connection) write() {
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	defer c.close()
	for {
		kind, frame := websocket.PingMessage, []byte(nil)
		select {
		case <-c.done:
			return
		case frame = <-c.out:
			kind = websocket.TextMessage
		case <-ping.C:
		}
		_ = c.socket.SetWriteDeadline(time.Now().Add(writeTimeout))
		if c.socket.WriteMessage(kind, frame) != nil {
			return
		}
	}
}

func (c *connection) alive() error {
	return c.socket.SetReadDeadline(time.Now().Add(2 * pingInterval))
}

func (c *connection) close() {
	c.cut.Do(func() {
		close(c.done)
		_ = c.socket.Close()
	})
}
