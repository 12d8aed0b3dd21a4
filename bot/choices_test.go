package bot

import (
	"context"
	"testing"

	"deckhand/commands"
)

func TestWhatFailedSaysWhereItWasToAct(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		`{"Account":"prod","Region":"eu-west-1","Names":["web"]}`: "prod · eu-west-1",
		`{"Account":"prod","Region":""}`:                          "prod",
		`{"Account":"","Region":"eu-west-1"}`:                     "eu-west-1",
		`{"Region":"eu-west-1"}`:                                  "",
		`{"Names":["web"]}`:                                       "",
		`[]`:                                                      "",
	} {
		invocation := commands.Invocation{Args: []byte(args)}
		report := new(Engine).offering(t.Context(), commands.Report{Title: "Failed"}, Message{}, invocation, &commands.Error{Kind: commands.Failed})
		if report.Where != want {
			t.Errorf("%s is %q, want %q", args, report.Where, want)
		}
		report = new(Engine).offering(t.Context(), commands.Report{Where: "123456789012 · us-east-1"}, Message{}, invocation, &commands.Error{Kind: commands.Failed})
		if report.Where != "123456789012 · us-east-1" {
			t.Errorf("a report that says where says %q", report.Where)
		}
		report = new(Engine).offering(t.Context(), commands.Report{}, Message{}, invocation, &commands.Error{Kind: commands.Usage})
		if report.Where != "" {
			t.Errorf("a place that is no place is told: %q", report.Where)
		}
	}
}

// A line about the default account says it no less.
func TestWhatFailedInTheDefaultAccountSaysSo(t *testing.T) {
	t.Parallel()
	e := &Engine{Settings: Settings{Place: func(_ context.Context, account, region string) string {
		return account + "123456789012 · " + region + "us-east-1"
	}}}
	for args, want := range map[string]string{`{"Account":"","Region":"","Names":["web"]}`: "123456789012 · us-east-1", `{"Names":["web"]}`: ""} {
		report := e.offering(t.Context(), commands.Report{}, Message{}, commands.Invocation{Args: []byte(args)}, &commands.Error{Kind: commands.Denied})
		if report.Where != want {
			t.Errorf("%s is %q, want %q", args, report.Where, want)
		}
	}
}
