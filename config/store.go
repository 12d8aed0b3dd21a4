package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

const defaultStore = "sqlite:deckhand.db"

func (r *reader) store(raw *rawStore) Store {
	if raw == nil || raw.URL.Value == "" {
		return Store{URL: NewSecret(defaultStore)}
	}
	const key = "store.url"
	value := raw.URL
	if kind, _, _ := strings.Cut(value.Value, ":"); kind == "env" || kind == "file" {
		ref, ok := r.reference(value, key, "env:DATABASE_URL")
		if !ok {
			return Store{}
		}
		value.Value = r.resolve(ref, value.Line)
		if value.Value == "" {
			return Store{}
		}
	} else if password(value.Value) {
		r.problem(value.Line, key+" has a password in it.", "Put the whole address into a variable or a file and write env:DATABASE_URL or file: with a path.")
		return Store{}
	}
	if !databaseURL(value.Value) {
		// The value may have come from a secret place and is not repeated.
		r.problem(value.Line, key+" is neither an SQLite file nor a PostgreSQL address.", "Write sqlite:deckhand.db, or postgres://HOST/DATABASE.")
	}
	return Store{URL: NewSecret(value.Value)}
}

func databaseURL(value string) bool {
	if path, ok := strings.CutPrefix(value, "sqlite:"); ok {
		return strings.TrimSpace(path) != ""
	}
	parsed, err := url.Parse(value)
	// A PostgreSQL address without a host may name a socket's folder in its query.
	return err == nil && (parsed.Scheme == "postgres" || parsed.Scheme == "postgresql") && (parsed.Host != "" || parsed.Query().Get("host") != "")
}

// password tells whether an address carries one; an address that cannot be read is taken to.
func password(value string) bool {
	if strings.HasPrefix(value, "sqlite:") {
		return false
	}
	parsed, err := url.Parse(value)
	if err != nil {
		return strings.Contains(value, "@")
	}
	_, has := parsed.User.Password()
	return has || parsed.Query().Has("password")
}

func (r *reader) admin(raw *rawAdmin, slack *rawSlack) Admin {
	if raw == nil {
		return Admin{}
	}
	valid := Admin{Ping: r.ping(raw.Ping)}
	if !r.listen(raw.Listen, "admin.listen") {
		return valid
	}
	if slack != nil && slack.Transport.Value == string(HTTP) && sameAddress(raw.Listen.Value, slack.Listen.Value) {
		r.problem(raw.Listen.Line, "admin.listen is the address of slack.listen.", "Give it another port, and keep it away from the internet.")
	}
	valid.Listen = raw.Listen.Value
	return valid
}

const (
	defaultPing  = time.Minute
	shortestPing = 10 * time.Second
	longestPing  = time.Hour
)

func (r *reader) ping(raw *rawPing) *Ping {
	if raw == nil || !r.required(raw.URL, raw.Line, "admin.ping.url", "Write env:DECKHAND_PING_URL, and put the address there.") {
		return nil
	}
	const key = "admin.ping.url"
	ref, ok := r.reference(raw.URL, key, "env:DECKHAND_PING_URL")
	every, sane := r.duration(raw.Every, "admin.ping.every", defaultPing)
	if sane && (every < shortestPing || every > longestPing) {
		r.problem(raw.Every.Line, fmt.Sprintf("admin.ping.every is %s; it must be 10s to 1h.", quoted(raw.Every.Value)), "")
	}
	if !ok {
		return nil
	}
	return &Ping{URL: NewSecret(r.secretAddress(ref, raw.URL.Line)), Every: every}
}

// secretAddress answers the web address behind a reference. It is never repeated: who knows it can call in the bot's place.
func (r *reader) secretAddress(ref Ref, line int) string {
	value := r.resolve(ref, line)
	if parsed, err := url.Parse(value); value != "" && (err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "") {
		r.problem(line, ref.Key+" comes from "+ref.String()+", which holds no web address.", "Put the whole address there, beginning with https:// or http://.")
	}
	return value
}

func sameAddress(a, b string) bool {
	if b == "" {
		b = defaultListen
	}
	_, port, _ := net.SplitHostPort(a) // checked before
	return a == b && port != "0"
}
