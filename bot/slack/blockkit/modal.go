package blockkit

import (
	"encoding/json"
	"fmt"

	"github.com/slack-go/slack"

	"deckhand/commands"
)

// Names in the one modal that there is: it asks for the code of a second factor.
const (
	CodeModal = "deckhand-code" // the modal among an app's
	CodeField = "code"          // its field, as block and as action
)

const (
	maxModalTitle = 24
	maxOrigin     = 3000
	codeLength    = 6
	codeRoom      = 7 // a space in the middle, as apps show it
)

// Origin is what a modal knows of the message that it was opened for, and gives back with the answer.
type Origin struct {
	Line    string `json:"line"`
	Channel string `json:"channel,omitempty"`
	Thread  string `json:"thread,omitempty"`
}

// Modal asks for a code, under what it is for.
// Source: https://docs.slack.dev/reference/views/modal-views
func Modal(title, about string, origin Origin) (slack.ModalViewRequest, error) {
	kept, err := json.Marshal(origin)
	if err != nil || len(kept) > maxOrigin {
		return slack.ModalViewRequest{}, fmt.Errorf("a modal for a line of %d characters: %w", len(origin.Line), err)
	}
	input := slack.NewPlainTextInputBlockElement(plainText("123456"), CodeField)
	input.MinLength, input.MaxLength, input.FocusOnLoad = codeLength, codeRoom, true
	field := slack.NewInputBlock(CodeField, plainText("Code"), plainText("The six digits that your authenticator app shows for deckhand."), input)
	said := RenderPlain(commands.Report{Body: commands.Blocks{commands.Text{Text: about}}})
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: CodeModal, PrivateMetadata: string(kept),
		Title: plainText(short(title, maxModalTitle)), Submit: plainText("Send"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: append(said.Blocks, field)},
	}, nil
}
