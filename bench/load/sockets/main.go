// Sockets opens many WebSockets of the chat, a person each, and either has them talk in pairs or holds them open.
// It prints JSON lines: for `chat` one with what was measured, for `idle` one when all are open and one at the end.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"time"
)

func main() {
	mode := flag.String("mode", "chat", "chat or idle")
	url := flag.String("url", "", "of the WebSocket, such as ws://127.0.0.1:8080/api/chat/ws")
	count := flag.Int("sockets", 1000, "sockets to open")
	duration := flag.Duration("for", 5*time.Second, "how long to send, or to hold")
	flag.Parse()

	var failures failures
	opener := opener{*url, []byte(os.Getenv("JWT_SECRET")), &failures}
	switch *mode {
	case "chat":
		people := opener.openAll(*count, func(*person) {})
		report(chat(people, *duration, &failures))
	case "idle":
		holding := holding{failures: &failures}
		people := opener.openAll(*count, holding.hold)
		report(holding.result())
		time.Sleep(*duration)
		report(holding.result())
		holding.release(people)
	default:
		log.Fatalf("-mode %s is neither chat nor idle", *mode)
	}
}

func report(line any) {
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		log.Fatal(err)
	}
}
