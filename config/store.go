package config

import (
	"net"
	"net/url"
	"strings"
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
	if raw == nil || !r.listen(raw.Listen, "admin.listen") {
		return Admin{}
	}
	if slack != nil && slack.Transport.Value == string(HTTP) && sameAddress(raw.Listen.Value, slack.Listen.Value) {
		r.problem(raw.Listen.Line, "admin.listen is the address of slack.listen.", "Give it another port, and keep it away from the internet.")
	}
	return Admin{Listen: raw.Listen.Value}
}

func sameAddress(a, b string) bool {
	if b == "" {
		b = defaultListen
	}
	_, port, _ := net.SplitHostPort(a) // checked before
	return a == b && port != "0"
}
