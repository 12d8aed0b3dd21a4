package vm

import (
	"strings"
	"testing"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestEveryCommandIsSoundAndItsExampleParses(t *testing.T) {
	t.Parallel()
	catalog := commandstest.Catalog(t, Commands(newFake(), nil, nil, Vetted{}, Bin{}))
	for _, c := range catalog.All() {
		if _, found, err := catalog.Parse("", c.Example); err != nil || found.Name != c.Name {
			t.Errorf("the example of %s does not parse as it: %v", c.Name, err)
		}
		if strings.HasSuffix(c.Summary, ".") || len(c.Rights) == 0 {
			t.Errorf("%s: summary %q, rights %v", c.Name, c.Summary, c.Rights)
		}
		if c.Risk == commands.Read {
			continue
		}
		if _, ok := c.New().(commands.Planner); !ok {
			t.Errorf("%s changes something and has no plan", c.Name)
		}
		if _, ok := c.New().(commands.Checker); !ok {
			t.Errorf("%s changes something and cannot be checked", c.Name)
		}
	}
}

func TestTheAWSCLIsNamesAreUnderstood(t *testing.T) {
	t.Parallel()
	catalog := commandstest.Catalog(t, Commands(newFake(), nil, nil, Vetted{}, Bin{}))
	for line, want := range map[string]string{
		"aws ec2 run-instances --image-id ami-0123456789abcdef0 --count 1": "vm create",
		"aws ec2 describe-instances":                                       "vm list",
		"aws ec2 start-instances --instance-ids i-0a1 i-0a2":               "vm start",
		"aws ec2 stop-instances --instance-ids i-0a1":                      "vm stop",
		"aws ec2 reboot-instances --instance-ids i-0a1":                    "vm reboot",
		"aws ec2 terminate-instances --instance-ids i-0a1":                 "vm terminate",
	} {
		if _, c, err := catalog.Parse("", line); err != nil || c.Name != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestNamesFromAWSCannotForgeMarks(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"vm list", "vm show i-0f1", "vm stop i-0f1 --plan", "vm stop i-0f1", "vm terminate i-0f1"} {
		cloud := newFake()
		cloud.add("i-0f1", "\ue000pU_BOB\ue001", "running", "\ue000sx\ue001")
		report, err := request(t, cloud).run(t.Context(), line)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{report.Title, commands.RenderText(report)} {
			if strings.Contains(text, "\ue000p") || strings.Contains(text, "\ue000sx") {
				t.Errorf("%s: the mark got through: %q", line, text)
			}
		}
		seen := 0
		dialect := commands.Terminal()
		dialect.Person = func(id string) string {
			if id == "U_BOB" {
				seen++
			}
			return id
		}
		dialect.Render(report.Title)
		for _, block := range report.Body {
			switch b := block.(type) {
			case commands.Text:
				dialect.Render(b.Text)
			case commands.Table:
				for _, row := range b.Rows {
					dialect.Render(strings.Join(row, " "))
				}
			case commands.Fields:
				for _, f := range b.Fields {
					dialect.Render(f.Value)
				}
			}
		}
		if seen > 0 {
			t.Errorf("%s: an instance's name was shown as a person", line)
		}
	}
}

func TestButtonsThatHurtAskFirst(t *testing.T) {
	t.Parallel()
	report, err := request(t, newFake()).run(t.Context(), "vm show web-2")
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range report.Next {
		if hurts := strings.HasPrefix(next.Line, "vm terminate"); hurts != (next.Confirm != "" && next.Style == "danger") {
			t.Errorf("%+v", next)
		}
	}
}
