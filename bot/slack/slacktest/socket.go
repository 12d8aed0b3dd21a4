package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Slack drops answers in acknowledgements from this size on, and allows this many sockets.
// https://docs.slack.dev/apis/events-api/using-socket-mode
const (
	maxAck     = 20 * 1024
	maxSockets = 10
)

// socket is one connection of the app.
type socket struct {
	conn  *websocket.Conn
	write sync.Mutex

	mu   sync.Mutex
	acks map[string]chan json.RawMessage
	done chan struct{}
}

func (s *socket) send(message any) error {
	s.write.Lock()
	defer s.write.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	return s.conn.WriteJSON(message)
}

func (w *Workspace) connectionsOpen(c call) (answer, error) {
	if len(w.sockets) >= maxSockets {
		return nil, refuse("too_many_websockets")
	}
	ticket := randomID(16)
	w.tickets[ticket] = true
	return answer{"url": "ws" + strings.TrimPrefix(c.base, "http") + "/api/socket/" + ticket}, nil
}

func (w *Workspace) serveSocket(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	ticket := r.PathValue("ticket")
	valid := w.tickets[ticket] && !w.down
	delete(w.tickets, ticket)
	w.mu.Unlock()
	if !valid {
		http.Error(out, "This ticket is not valid.", http.StatusForbidden)
		return
	}
	// A ticket is needed, and the library names Slack's own page as its origin.
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(out, r, nil)
	if err != nil {
		return
	}
	s := &socket{conn: conn, acks: map[string]chan json.RawMessage{}, done: make(chan struct{})}
	defer w.drop(s)
	if s.send(w.hello()) != nil {
		return
	}
	// Envelopes may come only after the greeting.
	w.mu.Lock()
	w.sockets = append(w.sockets, s)
	w.touch()
	w.mu.Unlock()
	go w.ping(s)
	s.read()
}

func (w *Workspace) hello() map[string]any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return map[string]any{
		"type": "hello", "num_connections": len(w.sockets) + 1, "connection_info": map[string]any{"app_id": appID},
		"debug_info": map[string]any{"host": "slacktest", "approximate_connection_time": 3600},
	}
}

func (w *Workspace) drop(s *socket) {
	_ = s.conn.Close()
	close(s.done)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets = slices.DeleteFunc(w.sockets, func(other *socket) bool { return other == s })
	w.touch()
}

// ping keeps a socket alive: the client gives a silent one up.
func (w *Workspace) ping(s *socket) {
	ticker := time.NewTicker(w.options.PingEvery)
	defer ticker.Stop()
	for {
		if s.conn.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(time.Second)) != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-s.done:
			return
		}
	}
}

// read hands acknowledgements to those who wait for them, until the socket ends.
func (s *socket) read() {
	for {
		_, raw, err := s.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(raw, &ack) != nil || len(raw) >= maxAck {
			continue
		}
		s.mu.Lock()
		if waiting := s.acks[ack.EnvelopeID]; waiting != nil {
			delete(s.acks, ack.EnvelopeID)
			waiting <- ack.Payload
		}
		s.mu.Unlock()
	}
}

// envelope sends a delivery through the next socket and waits for its acknowledgement.
func (w *Workspace) envelope(ctx context.Context, d *delivery) (Reply, error) {
	s := w.pick()
	if s == nil {
		return Reply{}, errors.New("it has no socket open")
	}
	id := randomID(16)
	waiting := make(chan json.RawMessage, 1)
	s.mu.Lock()
	s.acks[id] = waiting
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.acks, id)
		s.mu.Unlock()
	}()
	message := map[string]any{
		"type": d.kind, "envelope_id": id, "payload": d.payload, "accepts_response_payload": d.kind == slashCommands || d.payload["type"] == "view_submission",
	}
	if d.kind == eventsAPI {
		message["retry_attempt"], message["retry_reason"] = d.attempt, d.reason
	}
	if err := s.send(message); err != nil {
		return Reply{}, err
	}
	select {
	case body := <-waiting:
		if string(body) == "null" {
			body = nil
		}
		return Reply{Body: body}, w.acknowledged(d, body, true)
	case <-s.done:
		return Reply{}, errors.New("its socket ended")
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	}
}

// pick answers the sockets in turn: any of them may get a delivery.
func (w *Workspace) pick() *socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.sockets) == 0 {
		return nil
	}
	w.nextSocket++
	return w.sockets[w.nextSocket%len(w.sockets)]
}

// Connections answers how many sockets the app has open.
func (w *Workspace) Connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sockets)
}

// Disconnect announces on every socket that it ends, with Slack's reason ("warning", "refresh_requested", "link_disabled"), and ends
// all but the warned ones.
func (w *Workspace) Disconnect(reason string) {
	for _, s := range w.openSockets() {
		_ = s.send(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "slacktest"}})
		if reason != "warning" {
			_ = s.conn.Close()
		}
	}
}

// CutSockets ends every socket without a word.
func (w *Workspace) CutSockets() {
	for _, s := range w.openSockets() {
		_ = s.conn.Close()
	}
}

func (w *Workspace) openSockets() []*socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sockets)
}
