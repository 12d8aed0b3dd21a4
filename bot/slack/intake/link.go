package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

const (
	// maxFrame is the largest message that is read, in bytes; what Slack sends is far smaller.
	maxFrame = 16 << 20
	// maxAck is the size from which on Slack drops an acknowledgement without a word, in bytes.
	maxAck = 20_000
	// unreadableMost is how many messages in a row may be no JSON before the connection is given up.
	unreadableMost = 10
	writeWithin    = 10 * time.Second
	dialWithin     = 15 * time.Second
)

// frame is one message that comes over a socket.
// Source: https://docs.slack.dev/apis/events-api/using-socket-mode
type frame struct {
	Type     string          `json:"type"`
	Envelope string          `json:"envelope_id"`
	Answered bool            `json:"accepts_response_payload"` // the acknowledgement may carry an answer
	Payload  json.RawMessage `json:"payload"`

	command *slashFields // of a slash command that could be read
}

// slashFields are the fields of a slash command that matter here.
type slashFields struct {
	Command     string `json:"command"`
	Text        string `json:"text"`
	UserID      string `json:"user_id"`
	ChannelID   string `json:"channel_id"`
	TeamID      string `json:"team_id"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
}

func (f slashFields) command() slack.SlashCommand {
	return slack.SlashCommand{
		Command: f.Command, Text: f.Text, UserID: f.UserID, ChannelID: f.ChannelID, TeamID: f.TeamID, TriggerID: f.TriggerID, ResponseURL: f.ResponseURL,
	}
}

const (
	helloFrame       = "hello"
	disconnectFrame  = "disconnect"
	slashFrame       = "slash_commands"
	interactiveFrame = "interactive"
	eventFrame       = "events_api"
)

// readFrame reads a message. A slash command, of which most messages are, is read in one pass.
func readFrame(content []byte) (frame, error) {
	if bytes.Contains(content, []byte(`"`+slashFrame+`"`)) {
		var whole struct {
			Type     string      `json:"type"`
			Envelope string      `json:"envelope_id"`
			Answered bool        `json:"accepts_response_payload"`
			Payload  slashFields `json:"payload"`
		}
		if json.Unmarshal(content, &whole) == nil && whole.Type == slashFrame && whole.Payload.TriggerID != "" {
			return frame{Type: whole.Type, Envelope: whole.Envelope, Answered: whole.Answered, command: &whole.Payload}, nil
		}
	}
	var out frame
	if err := json.Unmarshal(content, &out); err != nil {
		return out, err
	}
	if command := new(slashFields); out.Type == slashFrame && json.Unmarshal(out.Payload, command) == nil {
		out.command = command
	}
	return out, nil
}

// wire is where one socket's acknowledgements go: its connection, or the one that replaces it.
type wire struct {
	mu     sync.Mutex
	conn   *websocket.Conn // nil while there is none
	opened chan struct{}   // closed when there is one again
}

func newWire() *wire { return &wire{opened: make(chan struct{})} }

func (w *wire) open(conn *websocket.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = conn
	close(w.opened)
}

func (w *wire) end(conn *websocket.Conn) {
	_ = conn.Close() // it has ended already, or ends by this
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose(conn)
}

func (w *wire) lose(conn *websocket.Conn) {
	if w.conn == conn {
		w.conn, w.opened = nil, make(chan struct{})
	}
}

// send writes a message, over the next connection where this one fails, until ctx ends.
func (w *wire) send(ctx context.Context, content []byte) error {
	for {
		sent, opened := w.try(content)
		if sent {
			return nil
		}
		select {
		case <-opened:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *wire) try(content []byte) (sent bool, opened <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return false, w.opened
	}
	_ = w.conn.SetWriteDeadline(time.Now().Add(writeWithin)) // fails never
	if err := w.conn.WriteMessage(websocket.TextMessage, content); err != nil {
		_ = w.conn.Close()
		w.lose(w.conn)
		return false, w.opened
	}
	return true, nil
}

// dial opens a connection.
func (s *Socket) dial(ctx context.Context) (*websocket.Conn, error) {
	_, address, err := s.api.StartSocketModeContext(ctx)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialWithin}
	upgrade := websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: 2 * dialWithin,
		WriteBufferSize:  32 << 10, // an acknowledgement must fit into one frame; Slack drops it otherwise
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &watchedConn{Conn: conn, silence: s.silence}, nil
		},
	}
	conn, response, err := upgrade.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("open a WebSocket: %w", err)
	}
	_ = response.Body.Close() // empty
	conn.SetReadLimit(maxFrame)
	return conn, nil
}

// listen serves what a connection brings until it ends. Pings are answered by the WebSocket library while it reads.
func (s *Socket) listen(ctx context.Context, number int, wire *wire, conn *websocket.Conn) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	wire.open(conn)
	defer wire.end(conn)
	// One after the other, so that one of them is always there.
	quiet := s.quiet + time.Duration(number)*s.quiet/8
	renew := time.AfterFunc(quiet, func() {
		s.log.Info("A socket to Slack brought nothing but pings for long; it is renewed.", "socket", number+1, "after", quiet)
		_ = conn.Close()
	})
	defer renew.Stop()
	var content bytes.Buffer
	for unreadable := 0; unreadable < unreadableMost; {
		content.Reset()
		_, reader, err := conn.NextReader()
		if err == nil {
			_, err = content.ReadFrom(reader)
		}
		if err != nil {
			s.log.Debug("A connection to Slack ended.", "socket", number+1, "error", err)
			return
		}
		got, err := readFrame(content.Bytes())
		if err != nil {
			unreadable++
			s.log.Debug("A message over a socket is no JSON object.", "socket", number+1, "error", err)
			continue
		}
		unreadable = 0
		switch {
		case got.Type == disconnectFrame:
			return
		case got.Type == helloFrame:
			s.health.up(number)
		case got.Envelope != "":
			renew.Reset(quiet)
			s.accept(ctx, wire, got)
		}
	}
}

var errTooLong = errors.New("the acknowledgement is too long")

// acknowledge writes an acknowledgement, with a private answer where payload is not nil.
func (w *wire) acknowledge(ctx context.Context, envelope string, payload any) error {
	content, err := json.Marshal(struct {
		Envelope string `json:"envelope_id"`
		Payload  any    `json:"payload,omitempty"`
	}{envelope, payload})
	if err != nil {
		return fmt.Errorf("write an acknowledgement: %w", err)
	}
	if len(content) >= maxAck {
		return errTooLong
	}
	return w.send(ctx, content)
}
