package slacktest_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
)

// TestAModalIsFilledAndSentOnThePage opens a modal for somebody on the page, who gives a code that the app does not take, and then one that it does.
func TestAModalIsFilledAndSentOnThePage(t *testing.T) {
	t.Parallel()
	a := &app{}
	a.answer = func(out http.ResponseWriter, _ *http.Request) {
		given := a.interactions[len(a.interactions)-1].View.State
		if given != nil && given.Values["code"]["code"].Value != "123456" {
			out.Header().Set("Content-Type", "application/json")
			_, _ = out.Write([]byte(`{"response_action":"errors","errors":{"code":"That code is not right."}}`))
		}
	}
	b := newBench(t, options(), a)
	button := slack.NewButtonBlockElement("approve", "approve R-1", slack.NewTextBlockObject("plain_text", "Approve", false, false))
	_, ts, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("R-1", false), slack.MsgOptionBlocks(slack.NewActionBlock("r1", button)))
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t, b.url+"/#U_BOB/C_OPS")
	see(t, ctx, "#messages", "Approve")
	if err := b.Press(ctx, "U_BOB", "C_OPS", ts, "approve"); err != nil {
		t.Fatal(err)
	}
	plain := func(text string) *slack.TextBlockObject {
		return slack.NewTextBlockObject("plain_text", text, false, false)
	}
	input := slack.NewInputBlock("code", plain("Code"), plain("Six digits."), slack.NewPlainTextInputBlockElement(plain("123456"), "code"))
	view := slack.ModalViewRequest{Type: slack.VTModal, CallbackID: "x", Title: plain("Approve R-1"), Submit: plain("Send"), Close: plain("Cancel"), Blocks: slack.Blocks{BlockSet: []slack.Block{input}}}
	if _, err := b.api.OpenView(a.interactions[0].TriggerID, view); err != nil {
		t.Fatal(err)
	}
	see(t, ctx, "#question", "Six digits.")
	do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#question input").value = "000000"; document.querySelector("#question-yes").click(); 1`))
	see(t, ctx, "#question", "That code is not right.")
	if b.Views()[0].Sent {
		t.Error("the modal was closed by a code that the app did not take")
	}
	do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#question input").value = "123456"; document.querySelector("#question-yes").click(); 1`))
	for range 200 {
		if b.Views()[0].Sent {
			return
		}
		do(t, ctx, chromedp.Evaluate[float64](`1`))
	}
	t.Error("the modal was not closed")
}
