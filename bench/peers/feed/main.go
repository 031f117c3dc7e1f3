// Feed answers GET /api/feed/ as the feed service does, from the same tables.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"wave-connect/bench/peers/database"
	"wave-connect/bench/peers/server"
)

const (
	usualLimit = 20
	mostLimit  = 100
)

func main() {
	publications := publications{database.Open()}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/feed/{$}", func(w http.ResponseWriter, r *http.Request) {
		if uuid.Validate(r.Header.Get("X-User-ID")) != nil {
			http.Error(w, "no caller", http.StatusUnauthorized)
			return
		}
		limit, before, err := pageQuery(r)
		if err != nil {
			http.Error(w, "not a page of this list", http.StatusBadRequest)
			return
		}
		page, err := publications.list(r.Context(), before, limit)
		if err != nil {
			log.Print(err)
			http.Error(w, "failed", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if err := json.NewEncoder(w).Encode(page); err != nil {
			log.Print(err)
		}
	})
	server.Run(mux)
}

func pageQuery(r *http.Request) (limit int, before *uuid.UUID, err error) {
	query := r.URL.Query()
	limit = usualLimit
	if given := query.Get("limit"); given != "" {
		limit, err = strconv.Atoi(given)
		if err != nil || limit < 1 || limit > mostLimit {
			return 0, nil, strconv.ErrRange
		}
	}
	if given := query.Get("cursor"); given != "" {
		id, err := decodeCursor(given)
		if err != nil {
			return 0, nil, err
		}
		before = &id
	}
	return limit, before, nil
}
