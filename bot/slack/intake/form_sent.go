package intake

import (
	"encoding/json"
	"strings"

	"deckhand/bot"
	"deckhand/bot/slack/blockkit"
	"deckhand/commands"
)

// sent is the part of a modal's submission that matters here.
// Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
type sent struct {
	ID         string `json:"id"`
	Hash       string `json:"hash"`
	CallbackID string `json:"callback_id"`
	Private    string `json:"private_metadata"`
	State      struct {
		Values map[string]map[string]struct {
			Value string `json:"value"`
		} `json:"values"`
	} `json:"state"`
}

// code is what stands in the field of the code.
func (s sent) code() string { return s.State.Values[blockkit.CodeField][blockkit.CodeField].Value }

// rejected keeps a modal open, with words at its field.
// Source: https://docs.slack.dev/surfaces/modals#displaying_errors
type rejected struct {
	Action string            `json:"response_action"`
	Errors map[string]string `json:"errors"`
}

func rejection(words string) *rejected {
	return &rejected{Action: "errors", Errors: map[string]string{blockkit.CodeField: words}}
}

// maxRejection is how long the words at a field may be, in bytes.
const maxRejection = 1000

// submission reads an answer to our modal: the line that the modal was opened for, completed by the code. It answers false for the modals of
// others, and a rejection for what can be no code.
func (t translator) submission(press interaction, from delivery) (message bot.Message, refused *rejected, ok bool, err error) {
	if press.View.CallbackID != blockkit.CodeModal {
		t.log.Debug("This view is none of ours.", "callback", short(press.View.CallbackID))
		return message, nil, false, nil
	}
	var origin blockkit.Origin
	if press.User.ID == "" || json.Unmarshal([]byte(press.View.Private), &origin) != nil || origin.Line == "" {
		return message, nil, false, malformed("The payload lacks its user, or what the view was opened for.")
	}
	var code commands.Passcode
	if !isCode(press.View.code(), &code) {
		return message, rejection("Give the six digits that your authenticator app shows."), true, nil
	}
	message = bot.Message{
		Key:      key("view", press.TriggerID, press.View.ID, press.View.Hash, press.User.ID, origin.Line, string(code)),
		Source:   bot.Button,
		Asker:    commands.Asker{User: press.User.ID, Channel: origin.Channel, Thread: origin.Thread, Team: press.Team.ID},
		Line:     bot.Form{Line: origin.Line}.Complete(string(code)),
		External: press.foreign(),
		At:       t.now(),
	}
	if press.TriggerID == "" && press.View.ID == "" {
		message.Key = key("view", from.stamp, string(from.body))
	}
	return message, nil, true, readable(message)
}

// isCode reads what can be a code.
func isCode(text string, code *commands.Passcode) bool {
	return code.UnmarshalText([]byte(text)) == nil && *code != ""
}

// answer answers a submission: nothing, which closes the modal, or why it stays open.
func (h handover) answer(answer bot.Answer) *rejected {
	if answer.Form == nil {
		return nil
	}
	words := answer.Form.Wrong
	if words == "" {
		words = "Give the six digits that your authenticator app shows."
	}
	return rejection(words[:min(len(words), maxRejection)])
}

// short keeps what somebody made up from filling the log.
func short(text string) string {
	const most = 80
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
