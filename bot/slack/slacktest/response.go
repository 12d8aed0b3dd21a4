package slacktest

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// A response URL works five times within thirty minutes, a trigger once within three seconds.
// https://docs.slack.dev/interactivity/handling-user-interaction
const (
	responseUses = 5
	responseLife = 30 * time.Minute
	triggerLife  = 3 * time.Second
)

// responseURL is an address at which the app may answer something that a person did.
type responseURL struct {
	user, channel string
	command       string        // the slash command line, where it was one
	original      *Message      // what replace_original and delete_original mean
	acked         chan struct{} // closed when the acknowledgement is shown; nil where none is
	until         time.Time
	uses          int
}

type trigger struct {
	user  string
	until time.Time
	used  bool
}

// newResponse makes a response URL and a trigger. It is called with the lock held.
func (w *Workspace) newResponse(r *responseURL) (address, triggerID string) {
	now := w.options.Now()
	r.until = now.Add(responseLife)
	id := randomID(16)
	w.responses[id] = r
	triggerID = randomID(16)
	w.triggers[triggerID] = &trigger{user: r.user, until: now.Add(triggerLife)}
	w.forget(now)
	return w.targets.BaseURL + "/api/response/" + id, triggerID
}

// forget drops the addresses and triggers that ended long ago.
func (w *Workspace) forget(now time.Time) {
	for id, r := range w.responses {
		if now.Sub(r.until) > responseLife {
			delete(w.responses, id)
		}
	}
	for id, t := range w.triggers {
		if now.Sub(t.until) > responseLife {
			delete(w.triggers, id)
		}
	}
}

// responseBody is what an app sends to a response URL, or answers a slash command with.
type responseBody struct {
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	ResponseType    string          `json:"response_type"`
	ThreadTS        string          `json:"thread_ts"`
	ReplaceOriginal bool            `json:"replace_original"`
	DeleteOriginal  bool            `json:"delete_original"`
}

func (w *Workspace) serveResponse(out http.ResponseWriter, r *http.Request) {
	how, fails := w.failure(ResponseURL)
	if fails && !how.AfterWork {
		how.answer(out)
		return
	}
	var body responseBody
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		writeJSON(out, http.StatusBadRequest, failed("invalid_payload", nil))
		return
	}
	w.afterAcknowledgement(r.PathValue("id"))
	status, err := w.useResponse(r.PathValue("id"), body)
	if fails {
		hangUp()
	}
	if status != http.StatusOK {
		writeJSON(out, status, failed(err.Error(), nil))
		return
	}
	w.writeAnswer(out, nil, err)
}

// afterAcknowledgement waits a little for the acknowledgement that is still on its way, as an answer to it mostly does on its own longer way.
func (w *Workspace) afterAcknowledgement(id string) {
	w.mu.Lock()
	var acked chan struct{}
	if to := w.responses[id]; to != nil {
		acked = to.acked
	}
	w.mu.Unlock()
	if acked == nil {
		return
	}
	select {
	case <-acked:
	case <-time.After(300 * time.Millisecond): //nolint:mnd // an app may answer before it acknowledges
	}
}

// useResponse answers 404 where the address never was, or ended.
func (w *Workspace) useResponse(id string, body responseBody) (status int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	to := w.responses[id]
	switch {
	case to == nil || w.options.Now().After(to.until):
		return http.StatusNotFound, errors.New("expired_url")
	case to.uses >= responseUses:
		return http.StatusOK, refuse("used_url")
	}
	if err := w.respond(to, body); err != nil {
		return http.StatusOK, err
	}
	to.uses++
	return http.StatusOK, nil
}

// respond does what an app asks for in answer to what a person did. It is called with the lock held.
func (w *Workspace) respond(to *responseURL, body responseBody) error {
	if body.DeleteOriginal {
		if to.original != nil {
			w.remove(to.original)
			to.original = nil
		}
		return nil
	}
	said, err := w.readContent(body.Text, string(body.Blocks), "")
	if err != nil {
		return err
	}
	if body.ReplaceOriginal && to.original != nil {
		w.edit(to.original, said)
		return nil
	}
	m := Message{
		Channel: to.channel, Thread: body.ThreadTS, User: w.options.BotUserID, To: to.user,
		Text: said.text, Blocks: said.blocks, Command: to.command,
	}
	if body.ResponseType == "in_channel" {
		m.To = ""
		w.showCommand(to)
	}
	posted := w.add(m)
	if to.original == nil {
		to.original = posted
	}
	return nil
}

// showCommand shows everybody the line that is being answered in the channel, once.
func (w *Workspace) showCommand(to *responseURL) {
	if to.command != "" && to.original == nil {
		w.add(Message{Channel: to.channel, User: to.user, Text: to.command})
	}
}
