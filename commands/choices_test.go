package commands_test

import (
	"context"
	"testing"

	"deckhand/commands"
)

// gather takes names in several places.
type gather struct {
	Name    string            `arg:"name" required:""`
	Targets []string          `arg:"targets"`
	Group   string            `flag:"group"`
	Code    commands.Passcode `flag:"code"`
	Set     []string          `flag:"set"`
}

func (*gather) Run(context.Context, *commands.Run) (commands.Report, error) {
	return commands.Report{}, nil
}

func TestAChoiceStandsInThePlaceOfTheWord(t *testing.T) {
	t.Parallel()
	c, err := commands.NewCatalog([]commands.Command{{
		Name: "vm gather", Summary: "x", Example: "vm gather web", New: func() commands.Runner { return &gather{} },
	}})
	if err != nil {
		t.Fatal(err)
	}
	choice := commands.Choice{Words: []string{"i-1"}}
	for _, k := range []struct {
		line    string
		choices commands.Choices
		choice  commands.Choice
		want    string
	}{
		{"vm gather web", commands.Choices{Of: "web"}, choice, "vm gather i-1"},
		{"vm gather vm", commands.Choices{Of: "vm"}, choice, "vm gather i-1"},
		{"vm gather front a web b --group x", commands.Choices{Of: "web"}, choice, "vm gather front a i-1 b --group x"},
		{"vm gather front web", commands.Choices{Of: "web"}, commands.All([]commands.Choice{choice, {Words: []string{"i-2"}}}), "vm gather front i-1 i-2"},
		{"vm gather front --group=web", commands.Choices{Of: "web"}, choice, "vm gather front --group i-1"},
		{"vm gather front --group web", commands.Choices{Of: "web"}, choice, "vm gather front --group i-1"},
		{"vm gather \"my web\"", commands.Choices{Of: "my web"}, choice, "vm gather i-1"},
		{"vm gather front", commands.Choices{}, commands.Choice{Words: []string{"--group", "g 1"}}, `vm gather front --group "g 1"`},
		{"vm gather web web", commands.Choices{Of: "web"}, choice, ""}, // which of them is not said
		{"vm gather web web", commands.Choices{Of: "web", In: "Targets"}, choice, "vm gather web i-1"},
		{"vm gather web web", commands.Choices{Of: "web", In: "Name"}, choice, "vm gather i-1 web"},
		{"vm gather web --group web", commands.Choices{Of: "web", In: "Group"}, choice, "vm gather web --group i-1"},
		{"vm gather front", commands.Choices{Of: "web"}, choice, ""}, // it stands nowhere
		{"vm gather web --plan", commands.Choices{Of: "web"}, choice, "vm gather i-1 --plan"},
	} {
		invocation, _, err := c.Parse("", k.line)
		if err != nil {
			t.Fatal(k.line, err)
		}
		got := c.Choose(invocation, &k.choices, k.choice)
		if got != k.want {
			t.Errorf("%s: %q, want %q", k.line, got, k.want)
		}
	}
	// A line that hides a value is not the line that was typed: nothing is offered in its place.
	invocation, _, err := c.Parse("", "vm gather web --code 123456")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Choose(invocation, &commands.Choices{Of: "web"}, choice); got != "" {
		t.Errorf("a masked line became %q", got)
	}
}
