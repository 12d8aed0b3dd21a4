package lambda

import (
	"context"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// press is a function whose published versions are its versions; publishing again what has not changed answers the last one.
type press struct {
	coop
	versions []string
	changed  bool
	lost     bool // the answer to publishing
}

func (p *press) Function(_ context.Context, _ aws.Target, name, _ string) (aws.Function, error) {
	return aws.Function{Name: name, ARN: "arn:" + name, CodeSHA256: "sum"}, nil
}

func (p *press) WaitForFunction(ctx context.Context, t aws.Target, name string, _ func(aws.Function)) (aws.Function, error) {
	return p.Function(ctx, t, name, "")
}

func (p *press) FunctionVersions(context.Context, aws.Target, string) ([]aws.Function, error) {
	all := []aws.Function{{Version: "$LATEST", CodeSHA256: "sum"}}
	for _, v := range p.versions {
		all = append(all, aws.Function{Version: v, CodeSHA256: "sum"})
	}
	return all, nil
}

func (p *press) PublishVersion(context.Context, aws.Target, string, string, string) (string, error) {
	if p.changed {
		p.versions, p.changed = append(p.versions, "7"), false
	}
	if p.lost {
		return "", &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}
	}
	return p.versions[len(p.versions)-1], nil
}

func TestPublishingTellsANewVersionFromOneThatStood(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		press *press
		alias string
		want  string
	}{
		"something changed":                     {&press{versions: []string{"6"}, changed: true}, "", "Published version 7 of counter"},
		"nothing changed":                       {&press{versions: []string{"6"}}, "", "Nothing to publish: counter has not changed since version 6"},
		"nothing changed, and the alias moves":  {&press{versions: []string{"6"}}, "live", "Nothing to publish: counter has not changed since version 6, and live means it"},
		"nothing changed at all":                {&press{versions: []string{"5"}}, "live", "Nothing to publish: counter has not changed since version 5, and live means it as before"},
		"the answer was lost, the version made": {&press{versions: []string{"6"}, changed: true, lost: true}, "", "Published version 7 of counter"},
		"the answer was lost, nothing made":     {&press{versions: []string{"6"}, lost: true}, "", "nothing was published"},
		"lost, made, and the alias stays":       {&press{versions: []string{"6"}, changed: true, lost: true}, "live", "live means 5: it was not moved"},
	} {
		k.press.alias = aws.FunctionAlias{Name: "live", Version: "5"}
		c, run := &Publish{Named: Named{Name: "counter"}, Alias: k.alias, cloud: k.press}, aRun()
		run.Journal = commandstest.Journal{}
		report, err := c.Run(t.Context(), run)
		if commands.IsUncertain(err) {
			report, err = c.Check(t.Context(), run)
		}
		got := report.Title
		if err != nil {
			got = err.Error()
		}
		if strings.TrimSpace(got) != k.want && (err == nil || !strings.Contains(got, k.want)) {
			t.Errorf("%s: %q, want %q", name, got, k.want)
		}
	}
}
