// Proxy is the gateway as one would write it in Go: httputil.ReverseProxy behind the verification of a token.
package main

import (
	"flag"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"

	"wave-connect/bench/peers/server"
	"wave-connect/bench/peers/token"
)

const callerHeader = "X-User-ID"

func main() {
	upstream := flag.String("upstream", "", "origin of the service behind")
	idle := flag.Int("idle", 0, "idle connections kept to it; 0 is what the default transport keeps, 2")
	flag.Parse()

	target, err := url.Parse(*upstream)
	if err != nil || target.Host == "" {
		log.Fatal("-upstream must be an origin, such as http://127.0.0.1:8083")
	}
	proxy := &httputil.ReverseProxy{
		Transport: transport(*idle),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Host = r.In.Host
		},
	}
	server.Run(authenticated([]byte(os.Getenv("JWT_SECRET")), proxy))
}

func transport(idle int) http.RoundTripper {
	if idle == 0 {
		return http.DefaultTransport
	}
	tuned := http.DefaultTransport.(*http.Transport).Clone()
	tuned.MaxIdleConns = idle
	tuned.MaxIdleConnsPerHost = idle
	return tuned
}

// Replaces whatever caller the client named by the user of its token.
func authenticated(secret []byte, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del(callerHeader)
		user, err := token.Verify(tokenOf(r), secret)
		if err != nil {
			http.Error(w, "no valid token", http.StatusUnauthorized)
			return
		}
		r.Header.Set(callerHeader, user)
		next.ServeHTTP(w, r)
	})
}

func tokenOf(r *http.Request) string {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer
	}
	if cookie, err := r.Cookie(token.Cookie); err == nil {
		return cookie.Value
	}
	return ""
}
