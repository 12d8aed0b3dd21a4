package intake

import (
	"net/http/httptest"
	"testing"
	"unicode/utf8"
)

// FuzzHandler sends any body under a valid signature: nothing panics, and no answer is a defect's.
func FuzzHandler(f *testing.F) {
	for _, body := range []string{slashForm, "ssl_check=1", "command=%2Fvm&text=%zz", "a;b", "\x00"} {
		f.Add(byte(0), body)
	}
	for _, body := range []string{pressJSON, `{"type":"block_actions","user":{"id":"U1"},"actions":[{"selected_option":{"value":"\ud800"}}]}`, "null", "[]", `{"type":"shortcut"}`} {
		f.Add(byte(1), body)
		f.Add(byte(2), pressForm(body))
	}
	for _, body := range []string{mentionJSON, `{"type":"url_verification","challenge":"x"}`, `{"type":"event_callback","event":{"type":"message","channel_type":"im","edited":{}}}`, `{"type":"event_callback","event":1}`} {
		f.Add(byte(3), body)
	}
	box := newInbox(nil)
	endpoint := Handler(settings(box), box)
	f.Fuzz(func(t *testing.T, way byte, body string) {
		path, contentType := "/slack/commands", formType
		switch way % 4 {
		case 1:
			path, body = "/slack/interactions", pressForm(body)
		case 2:
			path = "/slack/interactions"
		case 3:
			path, contentType = "/slack/events", jsonType
		}
		w := httptest.NewRecorder()
		endpoint.ServeHTTP(w, post(path, contentType, body))
		if w.Code >= 500 {
			t.Errorf("answered %d: %s", w.Code, w.Body)
		}
		for len(box.got) > 0 {
			if message := <-box.got; len(message.Key) != 64 || message.Asker.User == "" || !utf8.ValidString(message.Line) {
				t.Errorf("a message is incomplete: %+v", message)
			}
		}
		for len(box.told) > 0 {
			<-box.told
		}
	})
}
