// Stub stands in for a service: it reads what it is sent and answers 300 bytes of JSON.
package main

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"wave-connect/bench/peers/server"
)

const length = 300

func main() {
	const head, tail = `{"filler":"`, `"}`
	body := []byte(head + strings.Repeat("x", length-len(head)-len(tail)) + tail)
	announced := strconv.Itoa(len(body))

	server.Run(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, "the body broke off", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", announced)
		_, _ = w.Write(body)
	}))
}
