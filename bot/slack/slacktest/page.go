package slacktest

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed web
var web embed.FS

// maxLine is what one request of the page may hold.
const maxLine = 64 << 10

// Page answers the page for people and the page's own endpoints, guarded. It may be mounted at /.
// The stream of changes ends with the request's context, so a server that shuts down cancels its base context first.
func (w *Workspace) Page() http.Handler {
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", fresh(http.FileServerFS(files)))
	mux.HandleFunc("GET /page/state", w.serveState)
	mux.HandleFunc("GET /page/events", w.serveEvents)
	mux.HandleFunc("GET /page/files/{id}", w.serveFile)
	mux.HandleFunc("POST /page/type", w.serveType)
	mux.HandleFunc("POST /page/press", w.servePress)
	mux.HandleFunc("POST /page/submit", w.serveSubmit)
	return Guard(mux, "")
}

// fresh lets a newer build's page replace the one in the browser.
func fresh(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		out.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(out, r)
	})
}

func (w *Workspace) serveState(out http.ResponseWriter, _ *http.Request) {
	type person struct {
		User
		Direct string `json:"direct"` // channel of the direct messages with the app
	}
	people := []person{}
	for _, u := range w.options.Users {
		people = append(people, person{u, DirectChannel(u.ID)})
	}
	writeJSON(out, http.StatusOK, map[string]any{
		"title": cmp.Or(w.options.Title, teamName), "hints": append([]string{}, w.options.Hints...),
		"people": people, "channels": append([]Channel{}, w.options.Channels...),
		"bot": User{ID: w.options.BotUserID, Name: w.options.BotName},
	})
}

// shownMessage is a message as the page gets it.
type shownMessage struct {
	Channel string          `json:"channel"`
	TS      string          `json:"ts"`
	Thread  string          `json:"thread,omitempty"`
	User    string          `json:"user"`
	Text    string          `json:"text"`
	Blocks  json.RawMessage `json:"blocks,omitempty"`
	Files   []shownFile     `json:"files,omitempty"`
	Private bool            `json:"private,omitempty"`
	Command string          `json:"command,omitempty"`
	Edited  string          `json:"edited,omitempty"`
	Replies int             `json:"replies,omitempty"`
}

type shownFile struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Name  string `json:"name"`
	Size  int    `json:"size"`
}

func shownTo(m *Message) shownMessage {
	out := shownMessage{
		Channel: m.Channel, TS: m.TS, Thread: m.Thread, User: m.User, Text: m.Text, Blocks: m.Blocks,
		Private: m.To != "", Command: m.Command, Edited: m.EditedAt, Replies: m.replies,
	}
	for _, f := range m.Files {
		out.Files = append(out.Files, shownFile{f.ID, f.Title, f.Name, len(f.Content)})
	}
	return out
}

// happening is one change that a person is shown.
type happening struct {
	revision int64
	kind     string
	body     any
}

// since answers what changed for a person after a revision, in order.
func (w *Workspace) since(user string, revision int64) []happening {
	w.mu.Lock()
	defer w.mu.Unlock()
	var changes []happening
	add := func(messages []*Message) {
		for _, m := range messages {
			if m.revision > revision {
				changes = append(changes, happening{m.revision, "message", shownTo(m)})
			}
		}
	}
	for channel, messages := range w.channels {
		if w.canSee(user, channel) {
			add(messages)
		}
	}
	add(w.whispers[user])
	for _, t := range w.gone {
		if t.revision > revision && w.canSee(user, t.channel) && (t.to == "" || t.to == user) {
			changes = append(changes, happening{t.revision, "gone", map[string]string{"channel": t.channel, "ts": t.ts}})
		}
	}
	for _, v := range w.views {
		if v.User == user && v.revision > revision {
			changes = append(changes, happening{v.revision, "view", v})
		}
	}
	slices.SortStableFunc(changes, func(a, b happening) int { return cmp.Compare(a.revision, b.revision) })
	return changes
}

// serveEvents streams what a person sees: everything there is, then every change. A browser that reconnects says what it
// saw last; after a restart its memory is void and the first event tells it so.
func (w *Workspace) serveEvents(out http.ResponseWriter, r *http.Request) {
	user := r.URL.Query().Get("as")
	if _, ok := w.user(user); !ok {
		http.Error(out, "There is no such person here.", http.StatusNotFound)
		return
	}
	boot, seen, _ := strings.Cut(r.Header.Get("Last-Event-ID"), ":")
	revision, err := strconv.ParseInt(seen, 10, 64)
	fresh := boot != w.boot || err != nil
	if fresh {
		revision = 0
	}
	changed, stop := w.Subscribe()
	defer stop()
	out.Header().Set("Content-Type", "text/event-stream")
	out.Header().Set("Cache-Control", "no-store")
	stream := http.NewResponseController(out)
	_ = stream.SetReadDeadline(time.Time{}) // nothing more is to come from the reader
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	if fresh {
		_, _ = fmt.Fprintf(out, "event: reset\ndata: {}\n\n")
	}
	for {
		for _, change := range w.since(user, revision) {
			revision = change.revision
			body, err := json.Marshal(change.body)
			if err != nil {
				continue
			}
			_, _ = fmt.Fprintf(out, "id: %s:%d\nevent: %s\ndata: %s\n\n", w.boot, revision, change.kind, body)
		}
		_, _ = fmt.Fprint(out, "event: current\ndata: {}\n\n")
		// Only the flush tells whether the reader is still there.
		_ = stream.SetWriteDeadline(time.Now().Add(time.Minute))
		if stream.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-alive.C:
		case <-r.Context().Done():
			return
		}
	}
}

func (w *Workspace) serveFile(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	stored := w.files[r.PathValue("id")]
	if stored == nil || !stored.shared {
		w.mu.Unlock()
		http.NotFound(out, r)
		return
	}
	name, content := stored.Name, stored.Content
	w.mu.Unlock()
	out.Header().Set("Content-Type", "application/octet-stream")
	out.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = out.Write(content) // the client went away
}

// deed is what a person does on the page.
type deed struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	Thread  string `json:"thread"`
	Text    string `json:"text"`
	TS      string `json:"ts"`
	Block   string `json:"block"`
	Action  string `json:"action"`
	Value   string `json:"value"`

	Fields map[string]string `json:"fields"`
}

func (w *Workspace) serveType(out http.ResponseWriter, r *http.Request) {
	w.serveDeed(out, r, func(ctx context.Context, d deed) error {
		_, err := w.Type(ctx, d.User, d.Channel, d.Thread, d.Text)
		return err
	})
}

func (w *Workspace) servePress(out http.ResponseWriter, r *http.Request) {
	w.serveDeed(out, r, func(ctx context.Context, d deed) error {
		return w.press(ctx, pressed{user: d.User, channel: d.Channel, ts: d.TS, block: d.Block, action: d.Action, value: d.Value})
	})
}

func (w *Workspace) serveSubmit(out http.ResponseWriter, r *http.Request) {
	w.serveDeed(out, r, func(ctx context.Context, d deed) error { return w.Submit(ctx, d.User, d.Fields) })
}

func (w *Workspace) serveDeed(out http.ResponseWriter, r *http.Request, do func(context.Context, deed) error) {
	var d deed
	if err := json.NewDecoder(http.MaxBytesReader(out, r.Body, maxLine)).Decode(&d); err != nil {
		http.Error(out, "This is not what the page sends.", http.StatusBadRequest)
		return
	}
	// What was sent is sent, also when the page goes away meanwhile.
	err := do(context.WithoutCancel(r.Context()), d)
	var said *Error
	switch {
	case err == nil:
		writeJSON(out, http.StatusOK, map[string]any{"ok": true})
	case errors.As(err, &said):
		writeJSON(out, http.StatusOK, map[string]any{"ok": false, "error": said.Code, "message": said.Message, "told": said.Told})
	default:
		writeJSON(out, http.StatusOK, map[string]any{"ok": false, "error": "internal_error", "message": "That did not work."})
	}
}
