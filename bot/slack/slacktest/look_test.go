package slacktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"

	"deckhand/bot/slack/slacktest"
)

// everyBlock is a message with each kind of block that the page draws, and one that it does not know.
func everyBlock(now time.Time) string {
	at := func(d time.Duration) string {
		return fmt.Sprintf("<!date^%d^{date_short_pretty} at {time}|later>", now.Add(d).Unix())
	}
	machine := func(name, kind, state, cost string) string {
		return fmt.Sprintf(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":%q,"style":{"code":true}}]}]},
			{"type":"raw_text","text":%q},{"type":"raw_text","text":%q},{"type":"raw_text","text":%q}]`, name, kind, state, cost)
	}
	row := func(cells ...string) string {
		out := make([]string, len(cells))
		for i, c := range cells {
			out[i] = fmt.Sprintf(`{"type":"raw_text","text":%q}`, c)
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	return `[
	{"type":"header","text":{"type":"plain_text","text":":large_green_circle: 3 machines in us-east-1"}},
	{"type":"section","text":{"type":"mrkdwn","text":"*Bold*, _italic_, ~struck~, ` + "`i-0abc`" + `, <https://docs.example.com/vm|a link>, <@U_BOB> in <#C_OPS>, <!subteam^S_ONCALL|@oncall>, ` + at(-2*time.Hour) + `, a &lt;b&gt; &amp; c\n&gt; A quotation of *what was said*\nand a line after it."},
	 "accessory":{"type":"button","action_id":"more","text":{"type":"plain_text","text":"Details"}}},
	{"type":"section","fields":[{"type":"mrkdwn","text":"*State*\n:large_green_circle: running"},{"type":"mrkdwn","text":"*Type*\nt3.micro"},
	 {"type":"mrkdwn","text":"*Private address*\n10.0.4.17"},{"type":"mrkdwn","text":"*Launched*\n` + at(-26*time.Hour) + `"}]},
	{"type":"section","text":{"type":"mrkdwn","text":"` + "```aws ec2 describe-instances --instance-ids i-0abc --query 'Reservations[].Instances[].[InstanceId,State.Name,PrivateIpAddress,PublicIpAddress]' --output text\\nsecond line```" + `"}},
	{"type":"table","column_settings":[{"align":"left"},{"align":"left"},{"align":"left"},{"align":"right"}],"rows":[` +
		row("Name", "Type", "State", "A month") + `,` + machine("web-1", "t3.micro", "running", "$7.59") + `,` + machine("web-2", "t3.micro", "stopped", "$0.00") + `,` + machine("db-primary", "m7g.large", "running", "$59.57") + `]},
	{"type":"divider"},
	{"type":"data_visualization","title":"CPU of web-1","chart":{"type":"line","axis_config":{"categories":["10:00","10:05","10:10","10:15","10:20","10:25"],"y_label":"percent"},
	 "series":[{"name":"average","data":` + points(12, 18, 15, 44, 38, 21) + `},{"name":"maximum","data":` + points(30, 41, 33, 92, 71, 40) + `}]}},
	{"type":"data_table","caption":"Checks","page_size":2,"rows":[` + row("Check", "Result") + `,` + row("myapp", "up") + `,` + row("api", "down") + `,` + row("docs", "up") + `]},
	{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Rich text: "},{"type":"text","text":"bold","style":{"bold":true}},{"type":"emoji","name":"white_check_mark"},{"type":"user","user_id":"U_EVE"}]},
	 {"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"first"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"second"}]}]}]},
	{"type":"markdown","text":"## A heading\n\n**Bold**, *italic* and [a link](https://docs.example.com).\n\n- one\n- two"},
	{"type":"context","elements":[{"type":"mrkdwn","text":"123456789012 · us-east-1"},{"type":"mrkdwn","text":":hourglass_flowing_sand: R-42"}]},
	{"type":"image","image_url":"https://far.example.com/graph.png","alt_text":"a graph elsewhere"},
	{"type":"context_actions","elements":[{"type":"feedback_buttons"}]},
	{"type":"actions","elements":[{"type":"button","action_id":"approve","style":"primary","text":{"type":"plain_text","text":"Approve"}},
	 {"type":"button","action_id":"plan","text":{"type":"plain_text","text":"Show the plan"}},
	 {"type":"button","action_id":"reject","style":"danger","text":{"type":"plain_text","text":"Reject"},
	  "confirm":{"title":{"type":"plain_text","text":"Reject R-42"},"text":{"type":"mrkdwn","text":"Nothing will be done."},"confirm":{"type":"plain_text","text":"Reject"},"deny":{"type":"plain_text","text":"Back"}}}]}
	]`
}

func points(values ...int) string {
	var out []string
	for i, v := range values {
		out = append(out, fmt.Sprintf(`{"label":"10:%02d","value":%d}`, i*5, v))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// furnish fills a workspace with a conversation.
func furnish(t *testing.T, b *bench) (parent string) {
	t.Helper()
	ctx := context.Background()
	reply := must[slacktest.Reply](t)(b.Type(ctx, "U_ALICE", "C_OPS", "", "@deckhand vm list --region us-east-1"))
	form := "token=xoxb-test&channel=C_OPS&text=machines&blocks=" + url.QueryEscape(everyBlock(time.Now()))
	response, err := http.Post(b.url+"/api/chat.postMessage", "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var posted struct {
		OK     bool
		TS     string
		Errors []string
	}
	if err := json.NewDecoder(response.Body).Decode(&posted); err != nil || !posted.OK {
		t.Fatalf("posting: %+v, %v", posted, err)
	}
	say := func(option ...slack.MsgOption) {
		if _, _, err := b.api.PostMessage("C_OPS", option...); err != nil {
			t.Fatal(err)
		}
	}
	say(slack.MsgOptionText(":white_check_mark: Started `web-2`", false), slack.MsgOptionTS(posted.TS))
	if _, err := b.api.UploadFile(slack.UploadFileParameters{
		Filename: "console.log", Title: "Console output", Content: "boot\n", FileSize: 5, Channel: "C_OPS", ThreadTimestamp: posted.TS,
	}); err != nil {
		t.Fatal(err)
	}
	say(slack.MsgOptionText(":red_circle: *myapp* does not answer since 3 minutes", false), slack.MsgOptionTS(reply.TS))
	must[slacktest.Reply](t)(b.Type(ctx, "U_BOB", "C_OPS", "", "thanks, looking at it"))
	if _, err := b.api.PostEphemeral("C_OPS", "U_ALICE", slack.MsgOptionText(":raised_hand: R-42 is waiting for <!subteam^S_ONCALL|@oncall>.", false)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.api.PostMessage(slacktest.DirectChannel("U_ALICE"), slack.MsgOptionText("Good morning.", false)); err != nil {
		t.Fatal(err)
	}
	return posted.TS
}

func TestEveryBlockIsDrawn(t *testing.T) {
	t.Parallel()
	o := options()
	o.Title, o.Hints = "deckhand, ashore", []string{"/vm list", "/deckhand app up --name shop", "@deckhand status"}
	b := newBench(t, o, &app{})
	parent := furnish(t, b)
	schemes := map[string]int{"light": 1}
	if pictures() != "" {
		schemes["dark"] = 0
	}
	for name, scheme := range schemes {
		ctx := browser(t, b.url+"/#U_ALICE/C_OPS", chromedp.Flag("blink-settings", fmt.Sprintf("preferredColorScheme=%d", scheme)))
		see(t, ctx, "#messages .private", "is waiting for @oncall")
		shoot(t, ctx, name+"-wide-end")
		do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#messages").scrollTop = 0`))
		shoot(t, ctx, name+"-wide-top")
		do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#messages").scrollTop = 640`))
		shoot(t, ctx, name+"-wide-middle")
		if name == "dark" {
			continue
		}
		drawn(t, ctx)
		do(t, ctx, chromedp.Click(chromedp.CSS(`article[data-ts="`+parent+`"] .replies`)))
		see(t, ctx, "#replies", "Console output")
		shoot(t, ctx, name+"-wide-thread")
		do(t, ctx, chromedp.Click(chromedp.ID("thread-close")))
		do(t, ctx, chromedp.Click(chromedp.CSS(`[data-action="reject"]`)))
		see(t, ctx, "#question", "Nothing will be done.")
		shoot(t, ctx, name+"-wide-question")
		do(t, ctx, chromedp.Click(chromedp.ID("question-no")))
		do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#messages").scrollTop = 1e6`))
		do(t, ctx, chromedp.EmulateViewport(390, 844))
		shoot(t, ctx, name+"-narrow-end")
		do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#messages").scrollTop = 0`))
		shoot(t, ctx, name+"-narrow-top")
		do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#messages").scrollTop = 560`))
		shoot(t, ctx, name+"-narrow-middle")
		do(t, ctx, chromedp.Click(chromedp.CSS(`article[data-ts="`+parent+`"] .replies`)))
		see(t, ctx, "#replies", "Console output")
		shoot(t, ctx, name+"-narrow-thread")
		do(t, ctx, chromedp.Click(chromedp.ID("thread-close")))
		do(t, ctx, chromedp.EmulateViewport(380, 700))
		if wide := do(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth`)); wide > 380 {
			t.Errorf("the page is %d wide on a screen of 380", wide)
		}
		for _, list := range []string{"#messages", "#narrow", ".composer"} {
			over := do(t, ctx, chromedp.Evaluate[bool](`document.querySelector("`+list+`").scrollWidth > document.querySelector("`+list+`").clientWidth + 1`))
			if over {
				t.Errorf("%s does not fit a screen of 380", list)
			}
		}
	}
}

// drawn checks that what the blocks say is on the page, as the right kind of thing.
func drawn(t *testing.T, ctx context.Context) {
	t.Helper()
	for selector, words := range map[string]string{
		"h3.header": "🟢 3 machines", ".section strong": "Bold", ".section em": "italic", ".section s": "struck", ".section code": "i-0abc",
		".section a": "a link", ".mention": "@Bob", ".section blockquote": "A quotation", ".fields": "Private address", "pre code": "second line",
		".scroll td.align-right": "$59.57", "figure.chart": "CPU of web-1", ".legend": "maximum", ".data-table": "1–2 of 3", ".words li": "second",
		".markdown .heading": "A heading", ".context": "⏳ R-42", ".far-image": "a graph elsewhere", ".unknown": "feedback_buttons element",
		".press.primary": "Approve", ".press.danger": "Reject", "time": "at ", ".section": "a <b> & c",
	} {
		see(t, ctx, "#messages "+selector, words)
	}
	if n := do(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("#messages svg .stroke").length`)); n != 2 {
		t.Errorf("%d lines are drawn, want 2", n)
	}
	if n := do(t, ctx, chromedp.Evaluate[int](`performance.getEntriesByType("resource").filter((r) => !r.name.startsWith(location.origin) && !r.name.startsWith("data:")).length`)); n != 0 {
		t.Errorf("%d things were loaded from elsewhere", n)
	}
}

func TestAnEditKeepsTheReadersPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), nil)
	var first string
	for i := range 60 {
		_, ts, err := b.api.PostMessage("C_OPS", slack.MsgOptionText(fmt.Sprintf("message %d", i), false))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = ts
		}
	}
	ctx := browser(t, b.url+"/#U_ALICE/C_OPS")
	see(t, ctx, "#messages", "message 59")
	do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#messages").scrollTop = 900`))
	const where = `[...document.querySelectorAll("#messages article")].find((a) => a.innerText.includes("message 30")).getBoundingClientRect().top`
	before := do(t, ctx, chromedp.Evaluate[float64](where))
	if _, _, _, err := b.api.UpdateMessage("C_OPS", first, slack.MsgOptionText(strings.Repeat("longer\n", 12)+"end of the edit", false)); err != nil {
		t.Fatal(err)
	}
	see(t, ctx, "#messages", "end of the edit")
	if after := do(t, ctx, chromedp.Evaluate[float64](where)); after < before-2 || after > before+2 {
		t.Errorf("what was being read moved from %.0f to %.0f", before, after)
	}
	do(t, ctx, chromedp.Evaluate[float64](`document.querySelector("#messages").scrollTop = 1e6`))
	if _, _, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("the newest", false)); err != nil {
		t.Fatal(err)
	}
	see(t, ctx, "#spoken", "the newest")
	if gap := do(t, ctx, chromedp.Evaluate[float64](`(() => { const m = document.querySelector("#messages"); return m.scrollHeight - m.scrollTop - m.clientHeight })()`)); gap > 2 {
		t.Errorf("the end is %.0f away although the reader was there", gap)
	}
}
