package bot

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"deckhand/commands"
)

func TestWhatALineExplainsIsNoWarning(t *testing.T) {
	t.Parallel()
	cause := errors.New("the cause")
	for _, row := range []struct {
		err  error
		want string
	}{
		{&commands.Error{Kind: commands.Usage, Err: cause}, "INFO"},
		{&commands.Error{Kind: commands.NotFound, Err: cause}, "INFO"},
		{&commands.Error{Kind: commands.Ambiguous, Err: cause}, "INFO"},
		{&commands.Error{Kind: commands.Conflict, Err: cause}, "INFO"},
		{&commands.Error{Kind: commands.Denied, Err: cause}, "INFO"},
		{commands.Conflicting("It is there.", ""), ""},
		{&commands.Error{Kind: commands.Failed}, "WARN"},
		{&commands.Error{Kind: commands.Unavailable}, "WARN"},
		{&commands.Error{Kind: commands.Uncertain, Err: cause}, "WARN"},
		{cause, "WARN"},
	} {
		var out bytes.Buffer
		e := &Engine{Settings: Settings{Log: slog.New(slog.NewTextHandler(&out, nil))}}
		e.logInside(row.err, "vm stop web")
		if logged := out.String(); row.want == "" && logged != "" || !strings.Contains(logged, row.want) {
			t.Errorf("%v is logged as %q, want %q", commands.Words(row.err).Kind, logged, row.want)
		}
	}
}
