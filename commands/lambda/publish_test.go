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

func (p *press) UpdateFunctionCode(context.Context, aws.Target, string, aws.FunctionCode, []string) error {
	return nil
}

func TestNewCodeIsPublishedWhereTheLineSaysSo(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		press *press
		want  string
	}{
		"published":          {&press{versions: []string{"6"}, changed: true}, "Updated counter: the change is through, and published as version 7"},
		"the answer is lost": {&press{versions: []string{"6"}, changed: true, lost: true}, "Updated counter: the change is through"},
	} {
		c, run := &Update{Named: Named{Name: "counter"}, Code: Code{Zip: "s3://bucket/k.zip", Publish: true}, cloud: k.press}, aRun()
		must(t, c.Validate())
		report, err := c.Run(t.Context(), run)
		if report.Title != k.want || (err != nil) != k.press.lost {
			t.Errorf("%s: %q, %v", name, report.Title, err)
		}
	}
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
		"lost, made, and the alias stays":       {&press{versions: []string{"6"}, changed: true, lost: true}, "live", "live means version 5: it was not moved"},
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

// A line that moves an alias names a share that it ends, and what takes it back brings the share back.
func TestAShareOfAnAliasIsSetKeptAndNamedWhereItEnds(t *testing.T) {
	t.Parallel()
	shared := aws.FunctionAlias{Name: "live", Version: "5", Other: "6", Share: 0.1}
	for name, k := range map[string]struct {
		before      aws.FunctionAlias
		line        Alias
		after       aws.FunctionAlias
		title, body string
		undo        string
	}{
		"a version alone ends the share": {shared, Alias{Version: "5"}, aws.FunctionAlias{Name: "live", Version: "5"}, "live of counter means version 5",
			"It sent 10 % of its calls to version 6 until now; that ended.", "lambda alias counter live --function-version 5 --routing-config AdditionalVersionWeights={6=0.1}"},
		"a share for the version that it means": {aws.FunctionAlias{Name: "live", Version: "5"}, Alias{Routing: "AdditionalVersionWeights={6=0.25}"},
			aws.FunctionAlias{Name: "live", Version: "5", Other: "6", Share: 0.25}, "live of counter means version 5, with 25 % of its calls to version 6",
			"Before, it meant version 5.", "lambda alias counter live --function-version 5"},
		"AWS's JSON": {aws.FunctionAlias{Name: "live", Version: "5"}, Alias{Version: "6", Routing: `{"AdditionalVersionWeights":{"5":0.5}}`},
			aws.FunctionAlias{Name: "live", Version: "6", Other: "5", Share: 0.5}, "live of counter means version 6, with 50 % of its calls to version 5", "", ""},
		"a description leaves the share": {shared, Alias{Description: "x"}, aws.FunctionAlias{Name: "live", Version: "5", Other: "6", Share: 0.1, Description: "x"},
			"live of counter means version 5, with 10 % of its calls to version 6", "", ""},
		"a description that takes another's place": {
			aws.FunctionAlias{Name: "live", Version: "5", Description: "what it was"}, Alias{Description: "x"}, aws.FunctionAlias{Name: "live", Version: "5", Description: "x"},
			"live of counter means version 5", "", "lambda alias counter live --function-version 5 --description \"what it was\"",
		},
		"an empty share ends it": {shared, Alias{Routing: "AdditionalVersionWeights={}"}, aws.FunctionAlias{Name: "live", Version: "5"}, "live of counter means version 5", "that ended", ""},
	} {
		cloud := &press{coop: coop{alias: k.before}}
		c, run := &k.line, aRun()
		c.Name, c.Alias, c.cloud, run.Journal = "counter", "live", cloud, commandstest.Journal{}
		must(t, c.Validate())
		report, err := c.Run(t.Context(), run)
		must(t, err)
		text := report.Body[0].(commands.Text).Text
		if cloud.alias != k.after || report.Title != k.title || !strings.Contains(text, k.body) {
			t.Errorf("%s: %+v, %q, %q", name, cloud.alias, report.Title, text)
		}
		if k.undo != "" && report.Next[1].Line != k.undo {
			t.Errorf("%s: undone by %q", name, report.Next[1].Line)
		}
	}
	for _, routing := range []string{"AdditionalVersionWeights={6=1.5}", "AdditionalVersionWeights={live=0.1}", "AdditionalVersionWeights={5=0.1}", `{"AdditionalVersionWeights":{"6":0.1,"7":0.1}}`, "x"} {
		c := &Alias{Named: Named{Name: "counter"}, Alias: "live", Version: "5", Routing: routing}
		if err := c.Validate(); err == nil || commands.Words(err).Kind != commands.Usage {
			t.Errorf("%s is taken: %v", routing, err)
		}
	}
}
