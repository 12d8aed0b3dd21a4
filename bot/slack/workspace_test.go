package slack_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/slack"
	"deckhand/bot/slack/slacktest"
	"deckhand/commands"
)

// TestThePretendSlackTakesEveryGoldenReport lets another reading of Slack's rules judge our blocks.
func TestThePretendSlackTakesEveryGoldenReport(t *testing.T) {
	t.Parallel()
	space := slacktest.New(slacktest.Options{
		BotToken: "xoxb-1", Users: []slacktest.User{{ID: "U_ALICE", Name: "alice"}}, Channels: []slacktest.Channel{{ID: "C_OPS", Name: "ops"}},
	})
	server := httptest.NewServer(space.API())
	t.Cleanup(func() {
		space.Close()
		server.Close()
	})
	space.SetTargets(slacktest.Targets{BaseURL: server.URL})
	m := slack.NewMessenger(slack.Settings{BotToken: "xoxb-1", APIURL: server.URL + "/api/", Log: quiet()})
	files, err := filepath.Glob("blockkit/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden reports: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), "-- report.json --\n")
		input, _, _ := strings.Cut(after, "-- text --\n")
		var r commands.Report
		if err := json.Unmarshal([]byte(input), &r); err != nil {
			t.Fatal(err)
		}
		before := time.Now()
		ref, err := m.Post(ctx(t), "C_OPS", "", file, r)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if found, ok, err := m.Find(ctx(t), "C_OPS", "", file, before); err != nil || !ok || found != ref {
			t.Errorf("%s: found %v %v %v", file, found, ok, err)
		}
		if err := m.Update(ctx(t), ref, file, r); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if err := m.Whisper(ctx(t), bot.Message{Source: bot.Slash, Asker: commands.Asker{User: "U_ALICE", Channel: "C_OPS"}}, r); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		whispered := space.Ephemerals("U_ALICE")
		for _, kind := range []string{`"table"`, `"data_visualization"`} {
			if strings.Contains(string(text), `"type": `+kind) && !strings.Contains(string(whispered[len(whispered)-1].Blocks), kind) {
				t.Errorf("%s: a simpler form than %s was taken", file, kind)
			}
		}
	}
}
