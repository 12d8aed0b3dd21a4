package bot_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/commands"

	_ "modernc.org/sqlite"
)

func TestTheRecordOfARequestNamesPlaceDigestAndReceipt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	h.say("U3", "approve R-1")
	h.work(t, 1)
	report, err := h.Audit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	text := commands.RenderText(report)
	has(t, "the record", text, "[in C1/1]", "[digest ", "posted", "approved", "as a receipt")
	if strings.Contains(text, "Its message") {
		t.Errorf("a link, although nobody knows one: %s", text)
	}
	h.Links = links
	if report, err = h.Audit(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	has(t, "the record with a link", commands.RenderText(report), "[in C1/1]", "Its message in Slack (https://team.slack.test/C1/1)")
	receipt := regexp.MustCompile(`--receipt ([0-9a-f]{16})`).FindStringSubmatch(text)
	if receipt == nil {
		t.Fatalf("no receipt in %s", text)
	}
	h.say("U1", "vm stop other")
	verified, err := h.Verify(t.Context(), receipt[1])
	if err != nil {
		t.Fatal(err)
	}
	has(t, "the check", commands.RenderText(verified), "The record is whole", "The receipt is that of", "R-1")
	_, err = h.Verify(t.Context(), "0000000000000000")
	has(t, "the check of another's receipt", fmt.Sprint(err), "No event stands behind")
}

// links are the addresses of a chat.
func links(context.Context) func(bot.Ref, string) string {
	return func(message bot.Ref, thread string) string {
		if message.TS == "" {
			return ""
		}
		return "https://team.slack.test/" + message.Channel + "/" + message.TS + thread
	}
}

func TestAChangedRecordIsNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, line := range []string{"vm stop a", "vm stop b", "vm stop c"} {
		h.say("U1", line)
	}
	db, err := sql.Open("sqlite", h.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"DROP TRIGGER events_stay", "UPDATE events SET actor = 'U9' WHERE request = 2 AND what = 'asked'"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	h.rules["U1 audit verify"] = bot.Decision{Effect: bot.Allow}
	outcome := h.RunLine(t.Context(), bot.Message{Key: "verify", Source: bot.Terminal, Asker: commands.Asker{User: "U1"}, Line: "audit verify"}, nil, nil)
	if outcome.State != bot.Failed {
		t.Errorf("the check is %s", outcome.State)
	}
	has(t, "the check", commands.RenderText(outcome.Report), "The record is broken at R-2", "asked", "2 events follow from each other")
}

func TestTheHistoryIsATableOrAFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U1", `vm stop "=cmd()"`)
	h.work(t, 1)
	for range 30 {
		h.say("U2", "vm stop web")
	}
	table, err := h.History(t.Context(), "", "", time.Time{}, false)
	if err != nil {
		t.Fatal(err)
	}
	has(t, "the table", commands.RenderText(table), "R-31", "asked", "vm stop web", "The latest 30 of more")
	asked := 0
	h.Links = func(ctx context.Context) func(bot.Ref, string) string { asked++; return links(ctx) }
	mine, err := h.History(t.Context(), "U1", "vm *", time.Time{}, true)
	if err != nil {
		t.Fatal(err)
	}
	file, ok := mine.Body[0].(commands.File)
	if !ok || file.Name != "audit.csv" {
		t.Fatalf("%+v", mine)
	}
	lines := strings.Split(strings.TrimSpace(file.Content), "\n")
	if linked := strings.Count(file.Content, ",https://team.slack.test/C1/1\n"); linked != 1 || asked != 1 {
		t.Errorf("%d links after %d questions, want that of the message: %s", linked, asked, file.Content)
	}
	has(t, "the file", file.Content, "event,time,request", "2026-11-24T09:00:00Z,R-1,asked,,asked,U1,vm stop")
	if len(lines) != 6 || strings.Contains(file.Content, ",=") { // asked, queued, running, posted, done
		t.Errorf("%d lines: %s", len(lines), file.Content)
	}
}
