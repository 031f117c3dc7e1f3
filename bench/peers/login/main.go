// Login answers POST /api/auth/login as auth does, from the same table.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"wave-connect/bench/peers/database"
	"wave-connect/bench/peers/server"
	"wave-connect/bench/peers/token"
)

const (
	lifetime = 24 * time.Hour
	maxBody  = 64 << 10
)

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

type answer struct {
	Token     string `json:"token"`
	TokenType string `json:"token_type"`
	ExpiresIn int    `json:"expires_in"`
}

func main() {
	pool := database.Open()
	secret := []byte(os.Getenv("JWT_SECRET"))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /api/auth/login", func(w http.ResponseWriter, r *http.Request) {
		var given credentials
		if json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&given) != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
			return
		}
		var user, hash string
		row := pool.QueryRow(r.Context(), `SELECT id::text, password_hash FROM users WHERE email = $1`, strings.ToLower(given.Email))
		if row.Scan(&user, &hash) != nil || bcrypt.CompareHashAndPassword([]byte(hash), []byte(given.Password)) != nil {
			http.Error(w, "email or password is wrong", http.StatusUnauthorized)
			return
		}
		signed, err := token.Sign(user, lifetime, secret)
		if err != nil {
			log.Print(err)
			http.Error(w, "failed", http.StatusInternalServerError)
			return
		}
		send(w, signed)
	})
	server.Run(mux)
}

func send(w http.ResponseWriter, signed string) {
	w.Header().Set("Authorization", "Bearer "+signed)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	http.SetCookie(w, &http.Cookie{
		Name: token.Cookie, Value: signed, Path: "/", MaxAge: int(lifetime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	w.WriteHeader(http.StatusAccepted)
	if err := json.NewEncoder(w).Encode(answer{signed, "Bearer", int(lifetime.Seconds())}); err != nil {
		log.Print(err)
	}
}
