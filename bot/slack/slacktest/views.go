package slacktest

import "encoding/json"

// View is a modal that the app opened.
type View struct {
	ID       string          `json:"id"`
	User     string          `json:"user"`
	View     json.RawMessage `json:"view"`
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
