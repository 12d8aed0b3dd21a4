package slack

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// health remembers how the latest call to Slack went.
type health struct {
	mu     sync.Mutex
	asked  bool
	ok     bool
	since  time.Time
	detail string
}

// Health tells whether the latest call to the Web API reached Slack and was accepted as ours, since when that
// is so, and in words what is wrong. Before the first call nothing is known: not ok.
func (m *Messenger) Health() (ok bool, since time.Time, detail string) {
	h := &m.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.asked {
		return false, h.since, "Slack was not asked yet."
	}
	return h.ok, h.since, h.detail
}

func (h *health) note(err error, now time.Time) {
	ok, detail := reached(err)
	if errors.Is(err, context.Canceled) {
		return // we hung up ourselves: nothing was learnt
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.asked || h.ok != ok {
		h.since = now
	}
	h.asked, h.ok, h.detail = true, ok, detail
}

func reached(err error) (bool, string) {
	var response slack.SlackErrorResponse
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	switch {
	case err == nil:
		return true, ""
	case errors.As(err, &response):
		// A missing scope is about one method; the token is good.
		if isOutage(response.Err) || isAuth(response.Err) && response.Err != "missing_scope" {
			return false, "Slack answers " + response.Err + "."
		}
		return true, ""
	case errors.As(err, &limited):
		return true, ""
	case errors.As(err, &status):
		return status.Code < 500, "Slack answers " + status.Status + "."
	case errors.Is(err, context.DeadlineExceeded):
		return false, "Slack does not answer in time."
	default:
		return false, "Slack cannot be reached."
	}
}
