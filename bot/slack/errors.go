package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// errEmpty is for an answer that says ok and nothing else, as some proxies give.
var errEmpty = errors.New("the answer was empty")

// Error is a call to Slack that did not succeed.
type Error struct {
	Method  string // "chat.postMessage"
	Channel string
	Code    string // Slack's own word, "not_in_channel"; empty where Slack did not answer in its own words

	permanent bool
	uncertain bool
	message   string
	hint      string
	err       error
}

// Error is for the log.
func (e *Error) Error() string {
	var response slack.SlackErrorResponse
	text := fmt.Sprintf("slack %s: %v", e.Method, e.err)
	if errors.As(e.err, &response) {
		if response.Needed != "" {
			text += ", needs " + response.Needed
		}
		if len(response.ResponseMetadata.Messages) > 0 {
			text += ": " + strings.Join(response.ResponseMetadata.Messages, "; ")
		}
	}
	return text
}

// Unwrap answers the cause.
func (e *Error) Unwrap() error { return e.err }

// Permanent tells whether trying again can never help.
func (e *Error) Permanent() bool { return e.permanent }

// Uncertain tells whether the message may be there although no answer came.
func (e *Error) Uncertain() bool { return e.uncertain }

// Away tells whether Slack as a whole gave no verdict, so that other messages would fare the same.
func (e *Error) Away() bool { return unanswered(e.err) }

// Message says what happened, for people.
func (e *Error) Message() string { return e.message }

// Hint is the next step, for people.
func (e *Error) Hint() string { return e.hint }

// ErrorKind is the kind of error in the vocabulary of commands.
func (e *Error) ErrorKind() string {
	switch {
	case e.uncertain:
		return string(commands.Uncertain)
	case e.permanent:
		return string(commands.Failed)
	default:
		return string(commands.Unavailable)
	}
}

func newError(method, channel string, err error) *Error {
	e := &Error{Method: method, Channel: channel, err: err}
	var response slack.SlackErrorResponse
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	switch {
	case errors.As(err, &response):
		e.Code = response.Err
		e.say(response)
	case errors.As(err, &limited):
		e.message = fmt.Sprintf("Slack asked deckhand to wait %s.", limited.RetryAfter)
		e.hint = "It is tried again later."
	case errors.As(err, &status):
		e.message = fmt.Sprintf("Slack answered with HTTP %d.", status.Code)
		e.hint = "It is tried again later."
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.message = "The time was up before Slack answered."
	default:
		e.message = "Slack did not answer."
		e.hint = "Check that this machine reaches Slack."
	}
	e.uncertain = strings.HasPrefix(method, "chat.post") && mayHaveHappened(err)
	return e
}

// mayHaveHappened tells whether a request that failed may have been carried out: it was sent, and Slack did not
// answer that it refused.
func mayHaveHappened(err error) bool {
	var response slack.SlackErrorResponse
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	var network *net.OpError
	switch {
	case errors.As(err, &response):
		return isOutage(response.Err)
	case errors.As(err, &limited):
		return false
	case errors.As(err, &status):
		return status.Code >= 500
	case errors.As(err, &network) && network.Op == "dial":
		return false
	default:
		return true
	}
}

// isOutage names the answers by which Slack says that it failed itself.
func isOutage(code string) bool {
	switch code {
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return true
	default:
		return false
	}
}

// isLater names the refusals that pass by themselves.
func isLater(code string) bool {
	switch code {
	case "ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org", "external_channel_migrating", "accesslimited":
		return true
	default:
		return false
	}
}

// isAuth names the answers that an operator can cure by another token or another installation.
func isAuth(code string) bool {
	switch code {
	case "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "no_permission", "org_login_required",
		"ekm_access_denied", "missing_scope", "not_allowed_token_type", "access_denied", "team_access_not_granted", "two_factor_setup_required":
		return true
	default:
		return false
	}
}

// say puts Slack's code into words. Everything that Slack refuses for good is permanent: the same
// message would be refused again. What an operator can cure is not.
func (e *Error) say(response slack.SlackErrorResponse) {
	place := "this conversation"
	if e.Channel != "" {
		place = commands.Channel(e.Channel)
	}
	e.permanent = !isAuth(e.Code) && !isOutage(e.Code) && !isLater(e.Code)
	e.message = "Slack refused: " + commands.Mono(e.Code) + "."
	switch e.Code {
	case "missing_scope":
		e.message = "The Slack app lacks a permission for this."
		if response.Needed != "" {
			e.message = "The Slack app lacks the permission " + commands.Mono(response.Needed) + "."
		}
		e.hint = "Install the app again with the manifest that deckhand prints."
	case "not_in_channel":
		e.message = "deckhand is not a member of " + place + "."
		e.hint = "Invite it with " + commands.Mono("/invite @deckhand") + " there."
	case "channel_not_found":
		e.message = "deckhand cannot see " + place + "."
		e.hint = "Check the channel's id; a private channel needs " + commands.Mono("/invite @deckhand") + "."
	case "is_archived":
		e.message = place + " is archived."
		e.hint = "Take it out of the archive, or name another channel."
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel", "restricted_action_thread_locked", "posting_to_general_channel_denied":
		e.message = "The workspace does not let deckhand post in " + place + "."
		e.hint = "A workspace owner can change who may post there."
	case "message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found":
		e.message = "The message is not there any more, or Slack does not let deckhand change it."
	case "msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format":
		e.message = "Slack does not take this message: " + commands.Mono(e.Code) + "."
		e.hint = "The log has the details."
	default:
		if isAuth(e.Code) {
			e.message = "Slack does not accept deckhand's token: " + commands.Mono(e.Code) + "."
			e.hint = "Check the bot token and that the app is still installed."
		}
		if isOutage(e.Code) {
			e.message = "Slack has a problem of its own: " + commands.Mono(e.Code) + "."
		}
		if isOutage(e.Code) || isLater(e.Code) {
			e.hint = "It is tried again later."
		}
	}
}

// codeOf is Slack's word for an error, "" where it has none.
func codeOf(err error) string {
	var own *Error
	if errors.As(err, &own) {
		return own.Code
	}
	var response slack.SlackErrorResponse
	if errors.As(err, &response) {
		return response.Err
	}
	return ""
}
