package intake

import (
	"encoding/json"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

func TestMessagesSayWhoWhereAndWhat(t *testing.T) {
	t.Parallel()
	mention := func(replacements ...string) string {
		return strings.NewReplacer(replacements...).Replace(mentionJSON)
	}
	direct := `{"type":"event_callback","team_id":"T1","event_id":"Ev2","event":{"type":"message","channel_type":"im","user":"U1","text":"vm list","ts":"1.1","channel":"D1"}}`
	for name, c := range map[string]struct {
		path, body string
		want       bot.Message
	}{
		"a slash command that names a noun": {"/slack/commands", slashForm, bot.Message{
			Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1"}, Noun: "vm", Line: "list --state running", ResponseURL: "https://hooks.slack.com/1",
		}},
		"a slash command that names none": {"/slack/commands", strings.Replace(slashForm, "%2Fvm", "%2Fdeckhand", 1), bot.Message{
			Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1"}, Line: "list --state running", ResponseURL: "https://hooks.slack.com/1",
		}},
		"a press in a thread": {"/slack/interactions", pressJSON, bot.Message{
			Source: bot.Button, Asker: commands.Asker{User: "U2", Channel: "C1", Team: "T1", Thread: "4.4"}, Line: "approve R-1", ResponseURL: "https://hooks.slack.com/2",
		}},
		"a choice": {"/slack/interactions", strings.Replace(pressJSON, `"value":"approve R-1"`, `"selected_option":{"value":"vm show i-1"}`, 1), bot.Message{
			Source: bot.Button, Asker: commands.Asker{User: "U2", Channel: "C1", Team: "T1", Thread: "4.4"}, Line: "vm show i-1", ResponseURL: "https://hooks.slack.com/2",
		}},
		"a press that one person alone may do": {"/slack/interactions", strings.Replace(pressJSON, `"value":"approve R-1"`, `"value":"approve R-1","action_id":"line:0:for:U7"`, 1), bot.Message{
			Source: bot.Button, Asker: commands.Asker{User: "U2", Channel: "C1", Team: "T1", Thread: "4.4"}, Line: "approve R-1", ResponseURL: "https://hooks.slack.com/2", Only: "U7",
		}},
		"a press with a box ticked": {"/slack/interactions", strings.NewReplacer(`"value":"approve R-1"`, `"value":"approve R-1","action_id":"line:1:ticks"`, `"trigger_id"`, `"state":{"values":{"b0":{"ticks":{"type":"checkboxes","selected_options":[{"value":"--with image-first"}]}},"b1":{"x":{"type":"static_select","selected_option":null}}}},"trigger_id"`).Replace(pressJSON), bot.Message{
			Source: bot.Button, Asker: commands.Asker{User: "U2", Channel: "C1", Team: "T1", Thread: "4.4"}, Line: "approve R-1 --with image-first", ResponseURL: "https://hooks.slack.com/2",
		}},
		"a press that takes no boxes": {"/slack/interactions", strings.NewReplacer(`"value":"approve R-1"`, `"value":"approve R-1","action_id":"line:1"`, `"trigger_id"`, `"state":{"values":{"b0":{"ticks":{"type":"checkboxes","selected_options":[{"value":"--with image-first"}]}}}},"trigger_id"`).Replace(pressJSON), bot.Message{
			Source: bot.Button, Asker: commands.Asker{User: "U2", Channel: "C1", Team: "T1", Thread: "4.4"}, Line: "approve R-1", ResponseURL: "https://hooks.slack.com/2",
		}},
		"a press by a guest from another organisation": {"/slack/interactions", strings.Replace(pressJSON, `"team_id":"T1"`, `"team_id":"T9"`, 1), bot.Message{
			Source: bot.Button, Asker: commands.Asker{User: "U2", Channel: "C1", Team: "T1", Thread: "4.4"}, Line: "approve R-1", ResponseURL: "https://hooks.slack.com/2", External: true,
		}},
		"a mention in a channel": {"/slack/events", mentionJSON, bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "vm list",
		}},
		"a mention in a thread": {"/slack/events", mention(`"ts":"1.1"`, `"ts":"1.1","thread_ts":"0.9"`), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "0.9"}, Line: "vm list",
		}},
		"a mention after a greeting": {"/slack/events", mention(`<@U0BOT> vm list`, `Hey, <@U0BOT>: vm list`), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "vm list",
		}},
		"a mention at the end": {"/slack/events", mention(`<@U0BOT> vm list`, `vm list <@U0BOT>`), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "vm list",
		}},
		"a mention in the middle of a sentence": {"/slack/events", mention(`<@U0BOT> vm list`, `I told <@U0BOT> vm stop web and it did`), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "I told <@U0BOT> vm stop web and it did",
		}},
		"a mention with nothing else": {"/slack/events", mention(" vm list", " "), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "help",
		}},
		"a mention in a shared channel": {"/slack/events", mention(`"team_id":"T1"`, `"team_id":"T1","is_ext_shared_channel":true`), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "vm list", External: true,
		}},
		"a mention by somebody from elsewhere": {"/slack/events", mention(`"team_id":"T1"`, `"team_id":"T1","authorizations":[{"team_id":"T1","enterprise_id":null}]`, `"user":"U1"`, `"user":"U1","user_team":"T9"`), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "vm list", External: true,
		}},
		"a mention by somebody from here": {"/slack/events", mention(`"team_id":"T1"`, `"team_id":"T1","authorizations":[{"team_id":"T1"}]`, `"user":"U1"`, `"user":"U1","user_team":"T1"`), bot.Message{
			Source: bot.Mention, Asker: commands.Asker{User: "U1", Channel: "C1", Team: "T1", Thread: "1.1"}, Line: "vm list",
		}},
		"a direct message": {"/slack/events", direct, bot.Message{
			Source: bot.Direct, Asker: commands.Asker{User: "U1", Channel: "D1", Team: "T1"}, Line: "vm list",
		}},
		"a direct message in a thread, with a file": {"/slack/events", strings.Replace(direct, `"ts":"1.1"`, `"ts":"1.1","thread_ts":"1.0","subtype":"file_share"`, 1), bot.Message{
			Source: bot.Direct, Asker: commands.Asker{User: "U1", Channel: "D1", Team: "T1", Thread: "1.0"}, Line: "vm list",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newInbox(nil)
			send(t, Handler(settings(box), box), c.path, c.body)
			got := box.all()
			if len(got) != 1 || len(got[0].Key) != 64 {
				t.Fatalf("got %+v", got)
			}
			if pressed := got[0].Press != ""; pressed != (c.want.Source == bot.Button) {
				t.Errorf("the press is %q", got[0].Press)
			}
			if want := map[bot.Source]string{bot.Button: "7.8", bot.Slash: "1.2.3"}[c.want.Source]; got[0].Trigger != want {
				t.Errorf("the trigger is %q, want %q", got[0].Trigger, want)
			}
			c.want.Key, c.want.Press, c.want.Trigger, c.want.At = got[0].Key, got[0].Press, got[0].Trigger, noon
			if got[0] != c.want {
				t.Errorf("got  %+v\nwant %+v", got[0], c.want)
			}
		})
	}
}

// send posts a body to a path as Slack does.
func send(t *testing.T, endpoint *Endpoint, path, body string) {
	t.Helper()
	contentType := formType
	switch path {
	case "/slack/interactions":
		body = pressForm(body)
	case "/slack/events":
		contentType = jsonType
	}
	if w := deliver(t, endpoint, post(path, contentType, body)); w.Code != 200 {
		t.Fatalf("answered %d: %s", w.Code, w.Body)
	}
}

func TestWhatNobodySaysToTheBotIsIgnored(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]string{
		"a message in a channel":        `{"type":"message","channel_type":"channel","user":"U1","text":"vm list","ts":"1","channel":"C1"}`,
		"a message of another bot":      `{"type":"message","channel_type":"im","bot_id":"B1","user":"U1","text":"vm list","ts":"1","channel":"D1"}`,
		"a mention by another bot":      `{"type":"app_mention","bot_id":"B1","text":"<@U0BOT> vm list","ts":"1","channel":"C1"}`,
		"the bot's own message":         `{"type":"message","channel_type":"im","user":"U0BOT","text":"vm list","ts":"1","channel":"D1"}`,
		"an edited message":             `{"type":"message","channel_type":"im","subtype":"message_changed","ts":"1","channel":"D1","message":{"text":"x"}}`,
		"a deleted message":             `{"type":"message","channel_type":"im","subtype":"message_deleted","ts":"1","channel":"D1"}`,
		"a mention that was edited":     `{"type":"app_mention","user":"U1","text":"<@U0BOT> vm list","ts":"1","channel":"C1","edited":{"user":"U1","ts":"2"}}`,
		"somebody who joins a channel":  `{"type":"message","channel_type":"im","subtype":"channel_join","user":"U1","text":"x","ts":"1","channel":"D1"}`,
		"a reaction":                    `{"type":"reaction_added","user":"U1","item":{"type":"message"}}`,
		"a channel that was made":       `{"type":"channel_created","channel":{"id":"C1"}}`,
		"a home tab that was looked at": `{"type":"app_home_opened","user":"U1","channel":"D1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newInbox(nil)
			send(t, Handler(settings(box), box), "/slack/events", `{"type":"event_callback","event_id":"Ev1","event":`+event+`}`)
			if got := box.all(); len(got) > 0 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestADeliveryThatComesAgainHasTheSameKey(t *testing.T) {
	t.Parallel()
	withoutIDs := strings.Replace(slashForm, "&trigger_id=1.2.3", "", 1)
	for name, c := range map[string]struct {
		path, first, second string
		same                bool
	}{
		"a slash command, replayed":                 {"/slack/commands", slashForm, slashForm, true},
		"a slash command, its fields in new order":  {"/slack/commands", slashForm, "trigger_id=1.2.3&" + strings.Replace(slashForm, "&trigger_id=1.2.3", "", 1), true},
		"a slash command, typed again":              {"/slack/commands", slashForm, strings.Replace(slashForm, "1.2.3", "1.2.4", 1), false},
		"another text under the same trigger":       {"/slack/commands", slashForm, strings.Replace(slashForm, "running", "stopped", 1), false},
		"a slash command without ids, replayed":     {"/slack/commands", withoutIDs, withoutIDs, true},
		"a slash command without ids, another text": {"/slack/commands", withoutIDs, withoutIDs + "&x=1", false},
		"a press, replayed":                         {"/slack/interactions", pressJSON, pressJSON, true},
		"a press, by somebody else":                 {"/slack/interactions", pressJSON, strings.Replace(pressJSON, "U2", "U3", 1), false},
		"a press, later":                            {"/slack/interactions", pressJSON, strings.Replace(pressJSON, "9.9", "9.95", 1), false},
		"a mention, tried again":                    {"/slack/events", mentionJSON, mentionJSON, true},
		"a mention, said again":                     {"/slack/events", mentionJSON, strings.Replace(mentionJSON, "Ev1", "Ev2", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newInbox(nil)
			endpoint := Handler(settings(box), box)
			send(t, endpoint, c.path, c.first)
			send(t, endpoint, c.path, c.second)
			got := box.all()
			if len(got) != 2 || (got[0].Key == got[1].Key) != c.same {
				t.Errorf("got %d messages, the same key wanted: %v\n%+v", len(got), c.same, got)
			}
		})
	}
}

func TestPressesWithoutIDsAreToldApartByTheirTime(t *testing.T) {
	t.Parallel()
	reader := Handler(settings(newInbox(nil)), nil).translator
	body := []byte(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"value":"approve R-1"}]}`)
	first, err := reader.interaction(delivery{stamp: "100", body: body})
	if err != nil {
		t.Fatal(err)
	}
	later, err := reader.interaction(delivery{stamp: "200", body: body})
	if err != nil || first.messages[0].Key == later.messages[0].Key {
		t.Errorf("a press and a later one have the same key (%v)", err)
	}
}

func TestKeysOfPartsThatRunTogetherDiffer(t *testing.T) {
	t.Parallel()
	if key("a", "bc") == key("ab", "c") || key("a", "") == key("", "a") || key("a") == key("a", "") {
		t.Error("keys of different parts are equal")
	}
}

func TestTheBotsMentionIsRemovedFromTheBeginning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, bot, want string }{
		{"<@U0BOT> vm list", "U0BOT", "vm list"},
		{"  <@U0BOT>: vm list ", "U0BOT", "vm list"},
		{"<@U0BOT|deckhand>, vm list", "U0BOT", "vm list"},
		{"<@U0BOT>\u00a0vm list", "U0BOT", "vm list"},
		{"<@U0BOT> <@U0BOT> vm list", "U0BOT", "vm list"},
		{"<@U0BOT>", "U0BOT", ""},
		{"<@U1> vm list", "U0BOT", "<@U1> vm list"},
		{"vm list <@U0BOT>", "U0BOT", "vm list"},
		{"<@U0BOT vm list", "U0BOT", "<@U0BOT vm list"},
		{"<@U0BOT> <@U1> x", "", "<@U1> x"},
		{"", "U0BOT", ""},
	} {
		if got := withoutMention(c.text, c.bot); got != c.want {
			t.Errorf("%q said to %q is %q, want %q", c.text, c.bot, got, c.want)
		}
	}
}

func TestAPageOfAPrivateListIsTurnedInItsPlace(t *testing.T) {
	t.Parallel()
	for value, turns := range map[string]map[string]bool{
		"vm list --page 2":         {`"is_ephemeral":true`: true, `"is_ephemeral":false`: false},
		"vm list --page-size 2":    {`"is_ephemeral":true`: false},
		"vm stop web":              {`"is_ephemeral":true`: false},
		"vm list --name --page=22": {`"is_ephemeral":true`: false},
	} {
		for container, want := range turns {
			var press interaction
			payload := strings.NewReplacer("approve R-1", value, `"container":{`, `"container":{`+container+`,`).Replace(pressJSON)
			if err := json.Unmarshal([]byte(payload), &press); err != nil {
				t.Fatal(err)
			}
			if got := press.message(press.Actions[0], delivery{}); got.Turns != want {
				t.Errorf("%s, %s: %v", value, container, got.Turns)
			}
		}
	}
}
