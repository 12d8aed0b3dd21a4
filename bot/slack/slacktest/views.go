package slacktest

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
)

// View is a modal that the app opened.
type View struct {
	ID       string          `json:"id"`
	User     string          `json:"user"`
	View     json.RawMessage `json:"view"`
	Sent     bool            `json:"-"`
	revision int64
}

func (w *Workspace) viewsOpen(c call) (answer, error) {
	t := w.triggers[c.args["trigger_id"]]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case w.options.Now().After(t.until):
		return nil, refuse("expired_trigger_id")
	}
	var view struct {
		Type   string            `json:"type"`
		Blocks []json.RawMessage `json:"blocks"`
	}
	if json.Unmarshal([]byte(c.args["view"]), &view) != nil || view.Type != "modal" || len(view.Blocks) == 0 {
		return nil, refuse("invalid_arguments", "view must be a modal with blocks")
	}
	t.used = true
	opened := View{ID: w.id("V"), User: t.user, View: json.RawMessage(c.args["view"]), revision: w.touch()}
	w.views = append(w.views, opened)
	var shown map[string]any
	if err := json.Unmarshal(opened.View, &shown); err != nil {
		return nil, refuse("invalid_arguments", err.Error())
	}
	shown["id"], shown["team_id"], shown["app_id"] = opened.ID, teamID, appID
	return answer{"view": shown}, nil
}

// Submit fills the fields of the newest modal that a person was shown, by block, and sends it. An *Error of code "rejected" says what the app
// wrote at its fields, and the modal stays; otherwise it is closed.
func (w *Workspace) Submit(ctx context.Context, user string, fields map[string]string) error {
	person, _ := w.user(user)
	w.mu.Lock()
	i := w.viewOf(user)
	if i < 0 {
		w.mu.Unlock()
		return &Error{Code: "view_not_found", Message: "No modal is open."}
	}
	view := w.views[i]
	payload, err := w.viewSubmission(person, view, fields)
	w.mu.Unlock()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	reply, err := w.deliver(ctx, &delivery{kind: interactive, payload: payload, form: url.Values{"payload": {string(raw)}}})
	if err != nil {
		return err
	}
	var said struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
	}
	if len(reply.Body) > 0 && json.Unmarshal(reply.Body, &said) == nil && said.Action == "errors" {
		var words []string
		for _, word := range said.Errors {
			words = append(words, word)
		}
		return &Error{Code: "rejected", Message: strings.Join(words, " ")}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.views {
		if w.views[i].ID == view.ID {
			w.views[i].Sent = true
		}
	}
	return nil
}

// viewOf answers the newest modal that a person has not sent, -1 where there is none.
func (w *Workspace) viewOf(user string) int {
	for i := len(w.views) - 1; i >= 0; i-- {
		if w.views[i].User == user && !w.views[i].Sent {
			return i
		}
	}
	return -1
}

// viewSubmission is the payload of a modal that is sent.
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
func (w *Workspace) viewSubmission(user User, v View, fields map[string]string) (map[string]any, error) {
	var shown map[string]any
	if err := json.Unmarshal(v.View, &shown); err != nil {
		return nil, err
	}
	values := map[string]any{}
	blocks, _ := shown["blocks"].([]any)
	for _, one := range blocks {
		block, _ := one.(map[string]any)
		element, isInput := block["element"].(map[string]any)
		id, _ := block["block_id"].(string)
		action, _ := element["action_id"].(string)
		if !isInput {
			continue
		}
		var value any // Slack sends null for an empty field
		if text := fields[id]; text != "" {
			value = text
		}
		values[id] = map[string]any{action: map[string]any{"type": element["type"], "value": value}}
	}
	shown["id"], shown["team_id"], shown["app_id"], shown["hash"] = v.ID, teamID, appID, randomID(8)
	shown["state"] = map[string]any{"values": values}
	_, trigger := w.newResponse(&responseURL{user: user.ID})
	return map[string]any{
		"type": "view_submission", "api_app_id": appID, "trigger_id": trigger, "response_urls": []any{},
		"team":                  map[string]any{"id": teamID, "domain": teamName},
		"user":                  map[string]any{"id": user.ID, "username": strings.ToLower(user.Name), "name": strings.ToLower(user.Name), "team_id": teamID},
		"view":                  shown,
		"is_enterprise_install": false,
	}, nil
}
