package slacktest_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"

	"deckhand/bot/slack/slacktest"
)

// browser opens the page in a browser; the test is skipped only where there is none.
func browser(t *testing.T, url string, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium on this machine")
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true),
	}, more...)...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.EmulateViewport(1280, 800))
	// The browser lives as long as the context of the first call, so only the others get a limit.
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.Navigate(url))
	return ctx
}

func do[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// see waits until the page's visible text holds words.
func see(t *testing.T, ctx context.Context, selector, words string) {
	t.Helper()
	do(t, ctx, chromedp.PollFunction[bool](
		`(selector, words) => [...document.querySelectorAll(selector)].some((node) => node.innerText.includes(words))`,
		chromedp.WithPollingArgs(selector, words), chromedp.WithPollingTimeout(10*time.Second), chromedp.WithPollingInterval(20*time.Millisecond)))
}

func text(t *testing.T, ctx context.Context, selector string) string {
	t.Helper()
	return do(t, ctx, chromedp.Evaluate[string](`document.querySelector("`+selector+`")?.innerText ?? ""`))
}

// typeLine types into the message box and sends.
func typeLine(t *testing.T, ctx context.Context, line string) {
	t.Helper()
	do(t, ctx, chromedp.SendKeys("#line", line+"\r"))
}

// pictures is the folder for pictures of the page; "" where nobody wants any.
func pictures() string { return os.Getenv("DECKHAND_SCREENSHOTS") }

// shoot writes a picture of the page where the environment asks for pictures.
func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := pictures()
	if dir == "" {
		return
	}
	// Two frames, so that what was just changed is painted.
	do(t, ctx, chromedp.Evaluate[bool](`new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(() => ok(true))))`, chromedp.EvalAwaitPromise))
	picture := do(t, ctx, chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// talker is an app that answers a command in private, posts a message, and edits it when its button is pressed.
func talker(t *testing.T, b **bench) http.Handler {
	a := &app{}
	a.answer = func(out http.ResponseWriter, r *http.Request) {
		w := *b
		switch r.URL.Path {
		case "/commands":
			post := []slack.MsgOption{slack.MsgOptionText("working", false)}
			if _, _, err := w.api.PostMessage("C_OPS", post...); err != nil {
				t.Error(err)
			}
			answering("application/json", `{"text":"R-1 is written down"}`)(out, r)
		case "/interactions":
			ts := a.interactions[len(a.interactions)-1].Container.MessageTs
			if _, _, _, err := w.api.UpdateMessage("C_OPS", ts, slack.MsgOptionText("*finished*", false)); err != nil {
				t.Error(err)
			}
		}
	}
	return a
}

func TestPeopleUseThePage(t *testing.T) {
	t.Parallel()
	o := options()
	o.Title, o.Hints = "A workspace", []string{"/vm list", "/deckhand help", "@deckhand status"}
	var b *bench
	b = newBench(t, o, talker(t, &b))
	ctx := browser(t, b.url)

	see(t, ctx, "#side", "only asks for help")
	typeLine(t, ctx, "/vm list")
	see(t, ctx, "#messages .message", "working")
	see(t, ctx, "#messages .private", "R-1 is written down")
	see(t, ctx, "#messages .private", "Only visible to you")

	_, ts, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("press", false), slack.MsgOptionBlocks(
		slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "Shall it be <script>alert(1)</script> *done*?", false, false), nil, nil),
		slack.NewActionBlock("", &slack.ButtonBlockElement{
			Type: slack.METButton, ActionID: "go", Value: "vm list", Text: slack.NewTextBlockObject("plain_text", "Do it", false, false),
			Confirm: slack.NewConfirmationBlockObject(
				slack.NewTextBlockObject("plain_text", "Really", false, false), slack.NewTextBlockObject("mrkdwn", "This *changes* things.", false, false),
				slack.NewTextBlockObject("plain_text", "Yes, do it", false, false), slack.NewTextBlockObject("plain_text", "No", false, false)),
		})))
	if err != nil {
		t.Fatal(err)
	}
	button := `article[data-ts="` + ts + `"] button[data-action="go"]`
	see(t, ctx, button, "Do it")
	do(t, ctx, chromedp.Click(chromedp.CSS(button)))
	see(t, ctx, "#question", "This changes things.")
	do(t, ctx, chromedp.Click(chromedp.ID("question-yes")))
	see(t, ctx, `article[data-ts="`+ts+`"]`, "finished")
	see(t, ctx, `article[data-ts="`+ts+`"] .edited`, "edited")
	if tag := do(t, ctx, chromedp.Evaluate[string](`document.querySelector("article[data-ts='`+ts+`'] .words strong").innerText`)); tag != "finished" {
		t.Errorf("bold text: %q", tag)
	}

	do(t, ctx, chromedp.Click(chromedp.CSS("#people li:nth-child(3) button")))
	see(t, ctx, "#people [aria-current]", "Eve")
	see(t, ctx, "#messages .message", "finished")
	if shown := text(t, ctx, "#messages"); strings.Contains(shown, "R-1 is written down") {
		t.Errorf("somebody else's private answer is shown: %s", shown)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS("#people li:nth-child(1) button")))
	see(t, ctx, "#messages .private", "R-1 is written down")

	b.SetTargets(slacktest.Targets{BaseURL: b.url})
	typeLine(t, ctx, "/vm list")
	see(t, ctx, "#messages .private", `/vm failed with the error "dispatch_failed"`)
	typeLine(t, ctx, "@deckhand help")
	see(t, ctx, "#problem", "dispatch_failed")
	do(t, ctx, chromedp.Click(chromedp.CSS(".hint")))
	if got := do(t, ctx, chromedp.Value(chromedp.ID("line"))); got != "/vm list" {
		t.Errorf("a hint fills the box: %q", got)
	}
}
