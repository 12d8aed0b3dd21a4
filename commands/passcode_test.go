package commands_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"deckhand/commands"
)

// guarded is a command that takes a one-time code.
type guarded struct {
	Name string            `arg:"name"`
	Code commands.Passcode `flag:"code"`
}

func (*guarded) Run(context.Context, *commands.Run) (commands.Report, error) {
	return commands.Report{}, nil
}

func TestACodeStandsInNoLine(t *testing.T) {
	t.Parallel()
	catalog, err := commands.NewCatalog([]commands.Command{{Name: "yes", Summary: "Agree", Example: "yes x", New: func() commands.Runner { return &guarded{} }}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ typed, line, code, error string }{
		{"yes x --code 123456", "yes x --code ******", "123456", ""},
		{"yes --code=123456 x", "yes --code=****** x", "123456", ""},
		{"yes x —CODE “123 456”", "yes x --CODE ******", "123456", ""},
		{"yes x --code ''", "yes x --code ******", "", ""},
		{"yes x --code", "yes x --code", "", "wants a value"},
		{"yes x --code 12345x", "yes x --code ******", "", "must be the six digits"},
		{"yes x --code ١٢٣٤٥٦", "yes x --code ******", "", "must be the six digits"},
		{"yes x --code 1234567", "yes x --code ******", "", "must be the six digits"},
		{"yes x --code " + strings.Repeat("9", 3000), "yes x --code ******", "", "must be the six digits"},
		{"yes x --code 123456 --code 654321", "yes x --code ****** --code ******", "", "given twice"},
	} {
		invocation, _, err := catalog.Parse("", c.typed)
		if invocation.Line != c.line {
			t.Errorf("%s is shown as %s, want %s", c.typed, invocation.Line, c.line)
		}
		if c.error != "" {
			if err == nil || !strings.Contains(err.Error(), c.error) || strings.ContainsAny(err.Error(), "0123456789") {
				t.Errorf("%s: %v, want %q and no digit", c.typed, err, c.error)
			}
			continue
		}
		var got guarded
		if err != nil || json.Unmarshal(invocation.Args, &got) != nil || string(got.Code) != c.code {
			t.Errorf("%s gives the code %q (%v), want %q", c.typed, got.Code, err, c.code)
		}
	}
}
