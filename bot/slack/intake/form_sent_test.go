package intake

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

// submission is what Slack posts when the modal of a form is sent.
func submission(callback, private, state string) string {
	meta, _ := json.Marshal(private)
	payload := `{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1","team_id":"T1"},"trigger_id":"9.8",
		"view":{"id":"V1","hash":"h","callback_id":"` + callback + `","private_metadata":` + string(meta) + `,"state":` + state + `}}`
	return pressForm(payload)
}

const (
	origin = `{"line":"approve R-1 --digest abc","channel":"C1","thread":"4.4"}`
	filled = `{"values":{"code":{"code":{"type":"plain_text_input","value":"123 456"}}}}`
)

func TestAFormThatIsSentIsItsLineWithTheCode(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		callback, private, state string
		answer                   *bot.Form
		status                   int
		line, says               string
	}{
		"a code":                   {"deckhand-code", origin, filled, nil, 200, "approve R-1 --digest abc --code 123456", ""},
		"a wrong code":             {"deckhand-code", origin, filled, &bot.Form{Wrong: "That code is not right."}, 200, "approve R-1 --digest abc --code 123456", "That code is not right."},
		"words instead of a code":  {"deckhand-code", origin, `{"values":{"code":{"code":{"value":"123456; vm end"}}}}`, nil, 200, "", "six digits"},
		"digits of another script": {"deckhand-code", origin, `{"values":{"code":{"code":{"value":"١٢٣٤٥٦"}}}}`, nil, 200, "", "six digits"},
		"a very long code":         {"deckhand-code", origin, `{"values":{"code":{"code":{"value":"` + strings.Repeat("1", 100_000) + `"}}}}`, nil, 200, "", "six digits"},
		"an empty field":           {"deckhand-code", origin, `{"values":{"code":{"code":{"value":null}}}}`, nil, 200, "", "six digits"},
		"no field":                 {"deckhand-code", origin, `{"values":{}}`, nil, 200, "", "six digits"},
		"no values":                {"deckhand-code", origin, `{"values":null}`, nil, 200, "", "six digits"},
		"no state":                 {"deckhand-code", origin, `null`, nil, 200, "", "six digits"},
		"values that are a list":   {"deckhand-code", origin, `{"values":[1]}`, nil, 400, "", ""},
		"a code that is a number":  {"deckhand-code", origin, `{"values":{"code":{"code":{"value":123456}}}}`, nil, 400, "", ""},
		"another's modal":          {"other", origin, filled, nil, 200, "", ""},
		"no line":                  {"deckhand-code", `{}`, filled, nil, 400, "", ""},
		"private words of others":  {"deckhand-code", `[1`, filled, nil, 400, "", ""},
		"a line with a zero byte":  {"deckhand-code", `{"line":"approve R-1\u0000"}`, filled, nil, 400, "", ""},
	} {
		inbox := newInbox(func(context.Context, bot.Message) bot.Answer { return bot.Answer{Form: c.answer} })
		server := Handler(settings(inbox), inbox)
		response := deliver(t, server, post("/slack/interactions", formType, submission(c.callback, c.private, c.state)))
		if response.Code != c.status {
			t.Errorf("%s: status %d, want %d", why, response.Code, c.status)
		}
		var said struct {
			Action string            `json:"response_action"`
			Errors map[string]string `json:"errors"`
		}
		body := response.Body.Bytes()
		if c.says == "" && c.status == http.StatusOK && len(body) > 0 {
			t.Errorf("%s: the modal stays open: %s", why, body)
		}
		if c.says != "" && (json.Unmarshal(body, &said) != nil || said.Action != "errors" || !strings.Contains(said.Errors["code"], c.says)) {
			t.Errorf("%s: the modal says %s, want %q", why, body, c.says)
		}
		var lines []string
		for _, m := range inbox.all() {
			lines = append(lines, m.Line)
			if m.Asker.Channel != "C1" || m.Asker.Thread != "4.4" || m.Asker.User != "U1" || m.Source != bot.Button {
				t.Errorf("%s: it comes from %+v", why, m.Asker)
			}
		}
		if got := strings.Join(lines, "|"); got != c.line {
			t.Errorf("%s: the line is %q, want %q", why, got, c.line)
		}
	}
}

func TestAFormIsShownOrSaidInWords(t *testing.T) {
	t.Parallel()
	form := &bot.Form{Title: "Approve R-1", About: "Would stop web", Line: "approve R-1"}
	for why, c := range map[string]struct {
		open    error
		trigger string
		shown   int
		said    string
	}{
		"Slack shows it":         {nil, "7.8", 1, ""},
		"Slack does not show it": {errors.New("expired_trigger_id"), "7.8", 1, "A code is needed, nothing was done"},
		"there is no trigger":    {nil, "", 0, "R-1 asks for a code"},
	} {
		inbox := newInbox(func(context.Context, bot.Message) bot.Answer {
			return bot.Answer{Form: form, Report: commands.Report{Title: "R-1 asks for a code"}}
		})
		s := settings(inbox)
		shown := 0
		s.Open = func(_ context.Context, to bot.Message, f bot.Form) error {
			if shown++; to.Trigger != c.trigger || f != *form {
				t.Errorf("%s: shown for %+v", why, to)
			}
			return c.open
		}
		server := Handler(s, inbox)
		press := `{"type":"block_actions","user":{"id":"U1"},"trigger_id":"` + c.trigger + `","channel":{"id":"C1"},"actions":[{"action_id":"line:0","value":"approve R-1","action_ts":"1.1"}]}`
		deliver(t, server, post("/slack/interactions", formType, pressForm(press)))
		if said := strings.Join(inbox.whispered(), "\n"); shown != c.shown || !strings.Contains(said, c.said) || c.said == "" && said != "" {
			t.Errorf("%s: shown %d times, said %q", why, shown, said)
		}
	}
}
