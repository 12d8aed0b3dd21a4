package health

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"deckhand/commands/check"
)

// CallsPath is where the address of a heartbeat begins; its token follows.
const CallsPath = "/heartbeat/"

// CallBook is where calls are written down.
type CallBook interface {
	Checks(ctx context.Context) ([]check.Check, error)
	CheckRevision(ctx context.Context) (int64, error)
	Beat(ctx context.Context, name string, at time.Time) (known bool, err error)
}

// Calls takes the calls of heartbeats over HTTP: GET or POST of CallsPath and a token.
type Calls struct {
	book CallBook
	log  *slog.Logger
	// fixed are tokens of the configuration, by their sums. Looking up a sum tells nobody how much of a token was right.
	fixed map[[sha256.Size]byte]string

	mu       sync.Mutex
	loaded   bool
	revision int64
	names    map[[sha256.Size]byte]string
}

// NewCalls makes the handler. Tokens are those of the configuration, by check.
func NewCalls(book CallBook, tokens map[string]string, log *slog.Logger) *Calls {
	c := &Calls{book: book, log: log, fixed: map[[sha256.Size]byte]string{}}
	for name, token := range tokens {
		if token != "" {
			c.fixed[sha256.Sum256([]byte(token))] = name
		}
	}
	return c
}

// ServeHTTP answers 200 once a call is written down, 404 for a token that nobody has, and 503 where it could not be written down.
func (c *Calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := func(code int, text string) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text + "\n"))
	}
	token, ok := strings.CutPrefix(r.URL.Path, CallsPath)
	switch {
	case !ok || token == "" || len(token) > 200:
		say(http.StatusNotFound, "no such heartbeat")
		return
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		say(http.StatusMethodNotAllowed, "GET or POST")
		return
	}
	name, err := c.owner(r.Context(), sha256.Sum256([]byte(token)))
	known := false
	if err == nil && name != "" {
		known, err = c.book.Beat(r.Context(), name, time.Now())
	}
	switch {
	case err != nil:
		c.log.Error("the call of a heartbeat could not be written down", "check", name, "err", err)
		say(http.StatusServiceUnavailable, "not written down; call again")
	case !known:
		say(http.StatusNotFound, "no such heartbeat")
	default:
		say(http.StatusOK, "ok")
	}
}

// owner answers whose a token is; "" where nobody has it.
func (c *Calls) owner(ctx context.Context, sum [sha256.Size]byte) (string, error) {
	if name, ok := c.fixed[sum]; ok {
		return name, nil
	}
	revision, err := c.book.CheckRevision(ctx)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loaded && c.revision == revision {
		return c.names[sum], nil
	}
	checks, err := c.book.Checks(ctx)
	if err != nil {
		return "", err
	}
	names := map[[sha256.Size]byte]string{}
	for _, one := range checks {
		if one.Heartbeat != nil && one.Heartbeat.Token != "" {
			names[sha256.Sum256([]byte(one.Heartbeat.Token))] = one.Name
		}
	}
	c.names, c.revision, c.loaded = names, revision, true
	return names[sum], nil
}
