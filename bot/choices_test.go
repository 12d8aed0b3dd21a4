package bot

import (
	"testing"

	"deckhand/commands"
)

func TestWhatFailedSaysWhereItWasToAct(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		`{"Account":"prod","Region":"eu-west-1","Names":["web"]}`: "prod · eu-west-1",
		`{"Account":"prod"}`:     "prod",
		`{"Region":"eu-west-1"}`: "eu-west-1",
		`{"Names":["web"]}`:      "",
		`[]`:                     "",
	} {
		invocation := commands.Invocation{Args: []byte(args)}
		report := new(Engine).offering(commands.Report{Title: "Failed"}, Message{}, invocation, &commands.Error{Kind: commands.Failed})
		if report.Where != want {
			t.Errorf("%s is %q, want %q", args, report.Where, want)
		}
		report = new(Engine).offering(commands.Report{Where: "123456789012 · us-east-1"}, Message{}, invocation, &commands.Error{Kind: commands.Failed})
		if report.Where != "123456789012 · us-east-1" {
			t.Errorf("a report that says where says %q", report.Where)
		}
		report = new(Engine).offering(commands.Report{}, Message{}, invocation, &commands.Error{Kind: commands.Usage})
		if report.Where != "" {
			t.Errorf("a place that is no place is told: %q", report.Where)
		}
	}
}
