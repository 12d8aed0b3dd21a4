package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot"
	"deckhand/commands"
)

// responseFor is how long a response URL is used. Slack keeps it for 30 minutes; one is kept for the way.
const responseFor = 29 * time.Minute

// AllowedResponseURL tells whether answers may be sent to a response URL: to Slack's own hosts over https and, where
// apiURL is not Slack's own, also to the host of apiURL and to loopback addresses. It keeps a forged message from making
// deckhand send requests to other machines.
func AllowedResponseURL(raw, apiURL string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Hostname() == "" || u.Opaque != "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme == "https" && isSlackHost(host) {
		return u.Port() == "" || u.Port() == "443"
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return false
	}
	api, err := url.Parse(apiURL)
	if err != nil || api.Hostname() == "" || isSlackHost(strings.ToLower(api.Hostname())) {
		return false
	}
	return host == strings.ToLower(api.Hostname()) || isLoopback(host)
}

func isSlackHost(host string) bool {
	for _, domain := range []string{"slack.com", "slack-gov.com"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

// usable tells whether a message's response URL can still take an answer.
func (m *Messenger) usable(to bot.Message) bool {
	if to.ResponseURL == "" {
		return false
	}
	if !to.At.IsZero() && m.settings.Now().Sub(to.At) >= responseFor {
		return false
	}
	if !AllowedResponseURL(to.ResponseURL, m.settings.APIURL) {
		m.settings.Log.Warn("A response URL does not lead to Slack; nothing was sent there.", "key", to.Key)
		return false
	}
	return true
}

// private is what a response URL takes. The one of a button may replace the button's message; the one of a slash command replaces nothing,
// whatever it is told.
// Source: https://docs.slack.dev/messaging/modifying-messages
type private struct {
	ResponseType    string        `json:"response_type"`
	ReplaceOriginal bool          `json:"replace_original"`
	ThreadTS        string        `json:"thread_ts,omitempty"`
	Text            string        `json:"text"`
	Blocks          []slack.Block `json:"blocks,omitempty"`
}

// respond answers over the response URL.
func (m *Messenger) respond(ctx context.Context, to bot.Message, report commands.Report) error {
	return m.lookFor(report, func(l look) error {
		message := l.message(report)
		body, err := json.Marshal(private{
			ResponseType: "ephemeral", ReplaceOriginal: to.Turns, ThreadTS: to.Asker.Thread, Text: message.Text, Blocks: message.Blocks,
		})
		if err != nil {
			return fmt.Errorf("encode an answer: %w", err)
		}
		if err := m.send(ctx, to.ResponseURL, body); err != nil {
			return newError("chat.postResponse", to.Asker.Channel, err)
		}
		return nil
	})
}

// send posts to a response URL. The URL is a secret: no error may carry it.
func (m *Messenger) send(ctx context.Context, address string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("the response URL is no URL")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	answer, err := m.answers.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			return wrapped.Err
		}
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return verdict(answer, strings.TrimSpace(string(text)))
}

// verdict reads what a response URL answered: "ok", JSON, or Slack's word for what is wrong.
func verdict(answer *http.Response, text string) error {
	var parsed struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	word := text
	if json.Unmarshal([]byte(text), &parsed) == nil {
		word = parsed.Error
	}
	good := answer.StatusCode == http.StatusOK
	switch {
	case good && (text == "" || text == "ok" || parsed.OK):
		return nil
	case answer.StatusCode < 500 && word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") == "":
		return slack.SlackErrorResponse{Err: word}
	case good:
		return errors.New("the response URL answered something else than ok")
	default:
		return slack.StatusCodeError{Code: answer.StatusCode, Status: answer.Status}
	}
}
