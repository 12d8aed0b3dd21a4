package slacktest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Failure is a way for a call of the Web API to go wrong. The zero value drops the connection before anything is done.
type Failure struct {
	Status     int           // an HTTP status instead of an answer
	RetryAfter time.Duration // with 429; in whole seconds
	Code       string        // an answer that says ok false with this error
	Messages   []string      // with Code: the details
	AfterWork  bool          // the call is done, and then its answer is lost
}

// The usual ways.

// RateLimited is 429 with Retry-After.
func RateLimited(after time.Duration) Failure {
	return Failure{Status: http.StatusTooManyRequests, RetryAfter: after}
}

// ServerError is 500 with a page instead of JSON.
func ServerError() Failure { return Failure{Status: http.StatusInternalServerError} }

// Dropped closes the connection; nothing was done.
func Dropped() Failure { return Failure{} }

// AnswerLost does the work and closes the connection instead of answering.
func AnswerLost() Failure { return Failure{AfterWork: true} }

// Refused answers ok false with an error code and its details.
func Refused(code string, messages ...string) Failure { return Failure{Code: code, Messages: messages} }

type failing struct {
	method string
	how    Failure
	times  int
}

// ResponseURL is the name for Fail of posts to response URLs.
const ResponseURL = "response_url"

// Fail makes the next calls of a method go wrong: "chat.postMessage", ResponseURL, or "*" for all. A negative number of times is
// until Heal.
func (w *Workspace) Fail(method string, how Failure, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = append(w.failures, &failing{method, how, times})
}

// Heal forgets every Fail.
func (w *Workspace) Heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = nil
}

// Down takes the whole Slack away, or brings it back: connections are closed without an answer, sockets end, and nobody can type.
func (w *Workspace) Down(down bool) {
	w.mu.Lock()
	w.down = down
	w.mu.Unlock()
	if down {
		w.CutSockets()
	}
}

// failure answers how this call goes wrong, and whether it does.
func (w *Workspace) failure(method string) (Failure, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return Failure{}, true
	}
	for _, f := range w.failures {
		if f.times == 0 || f.method != method && f.method != "*" {
			continue
		}
		if f.times > 0 {
			f.times--
		}
		return f.how, true
	}
	return Failure{}, false
}

// hangUp ends a connection without an answer.
func hangUp() { panic(http.ErrAbortHandler) }

func (f Failure) answer(out http.ResponseWriter) {
	switch {
	case f.Code != "":
		writeJSON(out, http.StatusOK, failed(f.Code, f.Messages))
	case f.Status == http.StatusTooManyRequests:
		tooMany(out, f.RetryAfter)
	case f.Status != 0:
		http.Error(out, http.StatusText(f.Status), f.Status)
	default:
		hangUp()
	}
}

func tooMany(out http.ResponseWriter, after time.Duration) {
	seconds := max(1, int((after+time.Second-1)/time.Second))
	out.Header().Set("Retry-After", strconv.Itoa(seconds))
	writeJSON(out, http.StatusTooManyRequests, failed("ratelimited", nil))
}

// failed is the body of an answer that says no.
func failed(code string, messages []string) map[string]any {
	body := map[string]any{"ok": false, "error": code}
	if len(messages) > 0 {
		details := make([]string, len(messages))
		for i, m := range messages {
			details[i] = "[ERROR] " + strings.TrimPrefix(m, "[ERROR] ")
		}
		body["errors"] = messages
		body["response_metadata"] = map[string]any{"messages": details}
	}
	return body
}

// Error is what Slack says when it, or the app behind it, does not do what a person asked.
type Error struct {
	Code    string // "dispatch_failed", "operation_timeout", ...
	Message string // for people
	Told    bool   // the person was told in the chat, by Slackbot
	Err     error  // cause, where there is one
}

// Error answers the message with the code.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s (%s): %v", e.Message, e.Code, e.Err)
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Code)
}

// Unwrap answers the cause.
func (e *Error) Unwrap() error { return e.Err }
