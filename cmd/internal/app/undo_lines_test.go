package app_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/cmd/internal/app"
	"deckhand/commands"
)

// everyRequest is more than any script writes down.
const everyRequest = 10_000

// lookAtUndos reads every line that a report of a script promised to take something back: it is understood, and changes something.
func (h *stage) lookAtUndos(script string, into *findings) {
	s, err := store.Open(context.Background(), store.Settings{URL: "sqlite:" + h.database, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		into.add("%s: what it left cannot be read: %v", script, err)
		return
	}
	defer func() { _ = s.Close() }()
	requests, err := s.List(context.Background(), bot.Filter{Limit: everyRequest})
	if err != nil {
		into.add("%s: what it left cannot be read: %v", script, err)
		return
	}
	vocabulary, err := app.Vocabulary()
	if err != nil {
		into.add("there is no vocabulary: %v", err)
		return
	}
	for _, r := range requests {
		lookAtWhere(script, vocabulary, r, into)
		if r.Result == nil || r.Result.Undo == "" {
			continue
		}
		into.sawUndo()
		_, command, err := vocabulary.Parse("", r.Result.Undo)
		switch {
		case err != nil:
			into.add("%s: %q of %s is promised to take %q back, and is not understood: %s", script, r.Result.Undo, r.ID(), r.Invocation.Line, commands.Words(err).Error())
		case command.Risk == commands.Read:
			into.add("%s: %q of %s is promised to take %q back, and changes nothing", script, r.Result.Undo, r.ID(), r.Invocation.Line)
		}
	}
}

// lookAtWhere looks whether what was done in AWS says where: in which account, and in which region unless it is in none or in several. A check is
// of an address, and a line that came due and did nothing was nowhere.
func lookAtWhere(script string, vocabulary *commands.Catalog, r bot.Request, into *findings) {
	command := vocabulary.Find(r.Invocation.Command)
	switch {
	case r.State != bot.Done, r.Result == nil, command == nil, strings.HasSuffix(r.Result.Title, ", nothing was left to do"), strings.HasPrefix(command.Name, "check "):
	case len(command.Rights) == 0 && !strings.HasPrefix(command.Name, "lease "):
	case r.Result.Where == "":
		into.add("%s: the report of %s does not say where: %q", script, command.Name, r.Result.Title)
	}
}

func (f *findings) sawUndo() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.undos++
}

// What a command says of its way back names commands that there are.
func TestWaysBackNameCommands(t *testing.T) {
	t.Parallel()
	vocabulary, err := app.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, command := range vocabulary.All() {
		dialect := commands.Terminal()
		dialect.Mono = func(text string) string {
			if first, _, _ := strings.Cut(text, " "); vocabulary.IsNoun(first) {
				lines++
				if !begins(vocabulary, text) {
					t.Errorf("%s is said to be taken back by %q, which is no command", command.Name, text)
				}
			}
			return text
		}
		dialect.Render(command.Undo)
	}
	if lines < 10 { //nolint:mnd // there are many more
		t.Errorf("only %d ways back name a command", lines)
	}
}

// begins tells whether a text begins with the name of a command.
func begins(vocabulary *commands.Catalog, text string) bool {
	words := strings.Fields(text)
	for n := len(words); n > 0; n-- {
		if vocabulary.Find(strings.Join(words[:n], " ")) != nil {
			return true
		}
	}
	return false
}
