package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

const renewing = "the connection is being renewed"

// health is what is known of the sockets. It logs changes, not attempts.
type health struct {
	clock func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	sockets []socketState
	ok      bool
	since   time.Time // when ok last changed
}

type socketState struct {
	up     bool
	reason string // why it is down, for people; empty before the first attempt ended
}

func newHealth(sockets int, clock func() time.Time, log *slog.Logger) *health {
	return &health{clock: clock, log: log, sockets: make([]socketState, sockets), since: clock()}
}

func (h *health) count() int { return len(h.sockets) }

func (h *health) now() (ok bool, since time.Time, detail string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	open, reason := 0, "connecting"
	for _, socket := range h.sockets {
		if socket.up {
			open++
		} else if socket.reason != "" {
			reason = socket.reason
		}
	}
	detail = fmt.Sprintf("%d of %d sockets to Slack are open", open, len(h.sockets))
	if open < len(h.sockets) {
		detail += ": " + reason
	}
	return h.ok, h.since, detail
}

// up is said when Slack says hello. A connection that Slack renews is no change worth a line in the log.
func (h *health) up(number int) {
	if before := h.set(number, socketState{up: true}); !before.up && before.reason != renewing {
		h.log.Info("A socket to Slack is open.", "socket", number+1)
	}
}

// renew is said when a connection ended and the next is being opened.
func (h *health) renew(number int) {
	if h.isUp(number) {
		h.set(number, socketState{reason: renewing})
	}
}

func (h *health) down(number int, reason string) {
	state := socketState{reason: reason}
	if h.set(number, state) != state {
		h.log.Warn("A socket to Slack is down. It is tried again until it opens.", "socket", number+1, "reason", reason)
	}
}

func (h *health) closed(number int) {
	h.set(number, socketState{reason: "closed"})
}

func (h *health) isUp(number int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sockets[number].up
}

// set answers the state before. A socket's states are set by the one goroutine that keeps it open.
func (h *health) set(number int, state socketState) socketState {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.sockets[number]
	h.sockets[number] = state
	ok := slices.ContainsFunc(h.sockets, func(socket socketState) bool { return socket.up })
	if ok != h.ok {
		h.ok, h.since = ok, h.clock()
	}
	return before
}

// words says why a socket could not be opened, and the next step.
func words(err error) string {
	var refused slack.SlackErrorResponse
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	var network *net.OpError
	switch {
	case err == nil:
		return "the connection ended"
	case errors.Is(err, errUnsteady):
		return "Slack closes connections as soon as they are open; look whether Socket Mode is on for the app"
	case errors.As(err, &refused):
		return "Slack refuses the app token (" + refused.Err + "); look at slack.app_token, which is an xapp- token with connections:write"
	case errors.As(err, &limited):
		return "Slack asks to wait before connecting again"
	case errors.As(err, &status):
		return fmt.Sprintf("Slack answers HTTP %d; look at slack.api_url", status.Code)
	case errors.Is(err, context.DeadlineExceeded):
		return "Slack does not answer in time"
	case errors.As(err, &network):
		// Without the addresses: the local port differs at every attempt, and would look like a change.
		return "Slack cannot be reached (" + network.Err.Error() + ")"
	default:
		return "Slack cannot be reached (" + err.Error() + ")"
	}
}
