// Chat is the chat service as one would write it in Go: gorilla's WebSockets, a hub, and store_message in Postgres.
package main

import (
	"log"
	"net/http"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"wave-connect/bench/peers/database"
	"wave-connect/bench/peers/server"
)

func main() {
	parts := parts{messages: messages{database.Open()}, hub: newHub()}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/chat/ws", func(w http.ResponseWriter, r *http.Request) {
		caller, err := uuid.Parse(r.Header.Get("X-User-ID"))
		if err != nil {
			http.Error(w, "no caller", http.StatusUnauthorized)
			return
		}
		if deleted, err := parts.messages.isDeleted(r.Context(), caller); err != nil || deleted {
			http.Error(w, "no such account", http.StatusUnauthorized)
			return
		}
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			log.Print(err)
			return
		}
		newConnection(socket, caller, parts).serve()
	})
	server.Run(mux)
}
