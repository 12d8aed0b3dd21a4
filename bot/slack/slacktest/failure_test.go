package slacktest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"deckhand/bot/slack/slacktest"
)

func TestFailuresOnDemand(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		how    slacktest.Failure
		is     func(error) bool
		posted int
	}{
		"rate limit": {slacktest.RateLimited(2 * time.Second), func(err error) bool {
			var limited *slack.RateLimitedError
			return errors.As(err, &limited) && limited.RetryAfter == 2*time.Second
		}, 0},
		"server error": {slacktest.ServerError(), func(err error) bool {
			var status slack.StatusCodeError
			return errors.As(err, &status) && status.Code == 500
		}, 0},
		"dropped connection": {slacktest.Dropped(), func(err error) bool { return strings.Contains(err.Error(), "EOF") }, 0},
		"lost answer":        {slacktest.AnswerLost(), func(err error) bool { return strings.Contains(err.Error(), "EOF") }, 1},
		"refusal": {slacktest.Refused("invalid_blocks", "unsupported type: table"), func(err error) bool {
			var said slack.SlackErrorResponse
			return errors.As(err, &said) && said.Err == "invalid_blocks" && len(said.ResponseMetadata.Messages) == 1
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, options(), nil)
			b.Fail("chat.postMessage", tt.how, 1)
			if _, err := b.api.AuthTest(); err != nil {
				t.Errorf("another method: %v", err)
			}
			_, _, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("x", false))
			if err == nil || !tt.is(err) {
				t.Errorf("got %v", err)
			}
			if len(b.Messages("C_OPS")) != tt.posted {
				t.Errorf("%d messages", len(b.Messages("C_OPS")))
			}
			if _, _, err = b.api.PostMessage("C_OPS", slack.MsgOptionText("y", false)); err != nil {
				t.Errorf("the second time: %v", err)
			}
		})
	}
}

func TestSlackIsAway(t *testing.T) {
	t.Parallel()
	b := newBench(t, options(), &app{})
	b.Down(true)
	if _, err := b.api.AuthTest(); err == nil {
		t.Error("the API answered")
	}
	if _, err := b.Type(context.Background(), "U_ALICE", "C_OPS", "", "/vm list"); err == nil {
		t.Error("somebody could type")
	}
	b.Down(false)
	if _, err := b.api.AuthTest(); err != nil {
		t.Error(err)
	}
}

func TestPostsAChannelAreLimited(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Now()}
	o := options()
	o.Now, o.PostEvery, o.PostBurst = c.Now, time.Second, 3
	b := newBench(t, o, nil)
	post := func(channel string) error {
		_, _, err := b.api.PostMessage(channel, slack.MsgOptionText("x", false))
		return err
	}
	for range 3 {
		if err := post("C_OPS"); err != nil {
			t.Fatal(err)
		}
	}
	var limited *slack.RateLimitedError
	if err := post("C_OPS"); !errors.As(err, &limited) || limited.RetryAfter != time.Second {
		t.Errorf("the fourth at once: %v", err)
	}
	if err := post("C_GENERAL"); err != nil {
		t.Errorf("another channel: %v", err)
	}
	c.Advance(time.Second)
	if err := post("C_OPS"); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

func TestBlocksAreCheckedAsSlackChecksThem(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3001)
	cell := func(text string) string { return fmt.Sprintf(`{"type":"raw_text","text":"%s"}`, text) }
	row := "[" + cell("a") + "," + cell("b") + "]"
	chart := func(points string) string {
		return `{"type":"data_visualization","title":"T","chart":{"type":"line","series":[{"name":"s","data":[` + points +
			`]}],"axis_config":{"categories":["a","b"]}}}`
	}
	for name, tt := range map[string]struct{ blocks, want string }{
		"a section":             {`{"type":"section","text":{"type":"mrkdwn","text":"x"}}`, ""},
		"a long section":        {`{"type":"section","text":{"type":"mrkdwn","text":"` + long + `"}}`, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		"an empty section":      {`{"type":"section"}`, "must define either"},
		"an empty text":         {`{"type":"section","text":{"type":"mrkdwn","text":""}}`, "must be more than 0 characters"},
		"eleven fields":         {`{"type":"section","fields":[` + repeat(`{"type":"mrkdwn","text":"x"}`, 11) + `]}`, "no more than 10 items allowed"},
		"an unknown block":      {`{"type":"nonsense"}`, "unsupported type: nonsense"},
		"an alert":              {`{"type":"alert","text":{"type":"plain_text","text":"x"}}`, "unsupported type: alert"},
		"mrkdwn in a header":    {`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "unsupported type: mrkdwn"},
		"fifty-one blocks":      {repeat(`{"type":"divider"}`, 51), "no more than 50 items allowed [json-pointer:/blocks]"},
		"the same id twice":     {`{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`, "block_id already exists"},
		"a wrong style":         {`{"type":"actions","elements":[{"type":"button","style":"red","text":{"type":"plain_text","text":"x"}}]}`, "must be one of: primary, danger"},
		"the same action twice": {`{"type":"actions","elements":[` + repeat(`{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"}}`, 2) + `]}`, "action_id already exists"},
		"a table":               {`{"type":"table","rows":[` + row + `,` + row + `],"column_settings":[{"align":"right"},{"align":"left","is_wrapped":true}]}`, ""},
		"an empty cell":         {`{"type":"table","rows":[[` + cell("") + `]]}`, "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"},
		"an empty rich cell":    {`{"type":"table","rows":[[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[]}]}]]}`, "must have at least 1 items"},
		"a number in a table":   {`{"type":"table","rows":[[{"type":"raw_number","value":1}]]}`, "unsupported type: raw_number"},
		"an empty alignment":    {`{"type":"table","rows":[` + row + `],"column_settings":[{"align":""}]}`, "must be one of: left, center, right"},
		"rows of two lengths":   {`{"type":"table","rows":[` + row + `,[` + cell("a") + `]]}`, "same number of cells"},
		"much text in tables":   {`{"type":"table","rows":[[` + cell(strings.Repeat("x", 9000)) + `]]},{"type":"table","rows":[[` + cell(strings.Repeat("x", 2000)) + `]]}`, "table text must be less than 10001"},
		"a data table":          {`{"type":"data_table","caption":"c","rows":[` + row + `,` + row + `]}`, ""},
		"without its caption":   {`{"type":"data_table","rows":[` + row + `]}`, "must be more than 0 characters [json-pointer:/blocks/0/caption]"},
		"a chart":               {chart(`{"label":"a","value":1},{"label":"b","value":-2}`), ""},
		"a chart with a gap":    {chart(`{"label":"a","value":1}`), "one point for every category"},
		"a chart astray":        {chart(`{"label":"a","value":1},{"label":"c","value":2}`), "label of a category"},
		"three charts":          {repeat(chart(`{"label":"a","value":1},{"label":"b","value":2}`), 3), "no more than 2 data_visualization"},
		"empty rich text":       {`{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}`, "must be more than 0 characters"},
		"much markdown":         {repeat(`{"type":"markdown","text":"`+strings.Repeat("x", 7000)+`"}`, 2), "markdown text must be less than 12001"},
		"a block of next year":  {`{"type":"context_actions","elements":[{"type":"feedback_buttons"}]}`, "unsupported type: context_actions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.UnknownBlocks = []string{"context_actions"}
			b := newBench(t, o, nil)
			_, _, err := b.api.PostMessage("C_OPS", slack.MsgOptionText("text", false), rawBlocks(tt.blocks))
			var said slack.SlackErrorResponse
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %+v", err)
			case tt.want != "" && (!errors.As(err, &said) || said.Err != "invalid_blocks" || !strings.Contains(strings.Join(said.ResponseMetadata.Messages, "\n"), tt.want)):
				t.Errorf("got %v %v", err, said.ResponseMetadata.Messages)
			}
		})
	}
}

func repeat(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }

// rawBlocks sends blocks as they are written, also those that the library would not make.
func rawBlocks(list string) slack.MsgOption {
	var blocks slack.Blocks
	if err := blocks.UnmarshalJSON([]byte("[" + list + "]")); err != nil {
		panic(err)
	}
	return slack.MsgOptionBlocks(blocks.BlockSet...)
}
