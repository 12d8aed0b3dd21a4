package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestThePingGoesOutWhileTheBotIsWell(t *testing.T) {
	t.Parallel()
	var calls, status atomic.Int64
	status.Store(http.StatusOK)
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(int(status.Load()))
	}))
	defer outside.Close()
	var log bytes.Buffer
	var sick error
	p := &ping{
		well: func(context.Context) error { return sick }, url: outside.URL + "/secret-token", client: outside.Client(),
		log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	for _, step := range []struct {
		name   string
		sick   error
		status int
		calls  int64
		logged string
	}{
		{"well", nil, 200, 1, ""},
		{"a store that does not answer", errors.New("the store does not answer"), 200, 1, "the store does not answer"},
		{"the same again is not logged again", errors.New("the store does not answer"), 200, 1, ""},
		{"well again", nil, 200, 2, "the ping goes out again"},
		{"outside refuses", nil, 503, 3, "HTTP 503"},
	} {
		sick = step.sick
		status.Store(int64(step.status))
		log.Reset()
		p.once(t.Context())
		if calls.Load() != step.calls {
			t.Errorf("%s: %d calls, want %d", step.name, calls.Load(), step.calls)
		}
		if got := log.String(); step.logged == "" && got != "" || !strings.Contains(got, step.logged) {
			t.Errorf("%s: logged %q, want %q", step.name, got, step.logged)
		}
	}
	outside.Close()
	log.Reset()
	p.once(t.Context())
	if got := log.String(); !strings.Contains(got, "cannot be reached") || strings.Contains(got, "secret-token") {
		t.Errorf("logged %q", got)
	}
}
