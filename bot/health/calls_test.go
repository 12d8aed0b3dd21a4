package health

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"deckhand/commands/check"
)

// ledger is a CallBook in memory.
type ledger struct {
	*world
	called []string
	fail   error
}

func (l *ledger) Beat(_ context.Context, name string, _ time.Time) (bool, error) {
	if l.fail != nil {
		return false, l.fail
	}
	l.called = append(l.called, name)
	return true, nil
}

func TestCalls(t *testing.T) {
	t.Parallel()
	nightly := check.Check{Name: "nightly", URL: "heartbeat://nightly", Heartbeat: &check.Heartbeat{Every: time.Hour, Token: "token-of-nightly"}}
	book := &ledger{world: newWorld(nightly, every("web"))}
	calls := NewCalls(book, map[string]string{"weekly": "token-of-weekly", "none": ""}, slog.New(slog.DiscardHandler))
	call := func(method, path string) int {
		t.Helper()
		w := httptest.NewRecorder()
		calls.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return w.Code
	}
	for _, c := range []struct {
		method, path string
		code         int
		called       int
	}{
		{"GET", "/heartbeat/token-of-nightly", http.StatusOK, 1},
		{"POST", "/heartbeat/token-of-nightly", http.StatusOK, 2},
		{"POST", "/heartbeat/token-of-weekly", http.StatusOK, 3},
		{"HEAD", "/heartbeat/token-of-nightly", http.StatusMethodNotAllowed, 3},
		{"GET", "/heartbeat/token-of-nobody", http.StatusNotFound, 3},
		{"GET", "/heartbeat/token-of-nightly/", http.StatusNotFound, 3},
		{"GET", "/heartbeat/", http.StatusNotFound, 3},
	} {
		if code := call(c.method, c.path); code != c.code || len(book.called) != c.called {
			t.Errorf("%s %s: %d, %d calls", c.method, c.path, code, len(book.called))
		}
	}
	later := nightly
	later.Name, later.Heartbeat = "later", &check.Heartbeat{Every: time.Hour, Token: "token-of-later"}
	book.checks, book.revision = []check.Check{later}, 1
	if added, gone := call("GET", "/heartbeat/token-of-later"), call("GET", "/heartbeat/token-of-nightly"); added != http.StatusOK || gone != http.StatusNotFound {
		t.Errorf("added %d, removed %d", added, gone)
	}
	book.fail = errors.New("the disk is full")
	if code := call("GET", "/heartbeat/token-of-later"); code != http.StatusServiceUnavailable {
		t.Errorf("not written down: %d", code)
	}
}
