package slacktest

import (
	"mime"
	"net"
	"net/http"
	"slices"
)

// Guard lets only the page itself speak to its endpoints. Requests must name a loopback host with the port that is listened on, so that
// no foreign name resolves to this server (DNS rebinding), and must not come from another page (cross-site requests). Host is the address that
// is listened on, "127.0.0.1:8080"; where it is empty, the port is taken from the connection.
func Guard(next http.Handler, host string) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		headers := out.Header()
		headers.Set("X-Content-Type-Options", "nosniff")
		headers.Set("Referrer-Policy", "no-referrer")
		headers.Set("Cross-Origin-Resource-Policy", "same-origin")
		headers.Set("Cross-Origin-Opener-Policy", "same-origin")
		headers.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
			"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		if status, why := refusedBy(r, host); status != 0 {
			http.Error(out, why, status)
			return
		}
		next.ServeHTTP(out, r)
	})
}

// refusedBy answers the status and the reason for a refusal, or 0.
func refusedBy(r *http.Request, host string) (int, string) {
	if !slices.Contains(loopbackNames(r, host), r.Host) {
		return http.StatusForbidden, "This page answers only under its loopback address."
	}
	// The host is known to be ours now, so the origin is compared with it.
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	if origin != "" && origin != baseOf(r) {
		return http.StatusForbidden, "Another page may not speak here."
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		opened := site == "" || site == "none" || site == "same-origin" || r.Header.Get("Sec-Fetch-Mode") == "navigate"
		if !opened {
			return http.StatusForbidden, "Another page may not read here."
		}
		return 0, ""
	}
	if origin == "" && site != "same-origin" {
		return http.StatusForbidden, "Only this page itself may send."
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return http.StatusUnsupportedMediaType, "Send application/json."
	}
	return 0, ""
}

// loopbackNames answers the Host headers that a browser sends for this machine's own address.
func loopbackNames(r *http.Request, host string) []string {
	if host == "" {
		if address, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
			host = address.String()
		}
	}
	_, port, err := net.SplitHostPort(host)
	if err != nil || port == "" {
		return nil
	}
	names := []string{"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port}
	if port == "80" {
		names = append(names, "127.0.0.1", "localhost", "[::1]")
	}
	return names
}
