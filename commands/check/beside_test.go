package check

import (
	"slices"
	"strings"
	"testing"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func TestTheSameCheckIsNeverThereTwice(t *testing.T) {
	t.Parallel()
	made := named("myapp")
	made.MadeBy = "lb create"
	own := named("home")
	own.URL = "http://myapp.example.com/"
	for _, test := range []struct {
		name  string
		there []Check
		line  string
		now   []string // the checks that are there then
		says  string
	}{
		{"one that lb create made gives way to one of the same name", []Check{made}, "check add myapp http://myapp.example.com/ --fail-after 1", []string{"myapp"}, "takes the place of the check myapp, which lb create added"},
		{"and to one of another name", []Check{made}, "check add front http://myapp.example.com:80 --channel C_OPS", []string{"front"}, "takes the place of the check myapp"},
		{"one that somebody asked for stays beside another way of looking", []Check{own}, "check add fast http://myapp.example.com/ --schedule '@every 10s'", []string{"fast", "home"}, "looked at by home in another way"},
		{"and is not there twice", []Check{own}, "check add again http://myapp.example.com/ --channel C_OPS", []string{"home"}, "home looks at http://myapp.example.com/ already"},
		{"a name is given once", []Check{own}, "check add home http://other.example.com/", []string{"home"}, "There is a check home already"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := &book{checks: test.there}
			report, err := typed(t, b, prober{}, commandstest.Journal{}, test.line)
			text := commands.RenderText(report)
			if err != nil {
				text = commands.Terminal().Render(err.Error())
			}
			if !strings.Contains(text, test.says) {
				t.Errorf("%q is not in:\n%s", test.says, text)
			}
			var names []string
			for _, c := range b.checks {
				names = append(names, c.Name)
			}
			if slices.Sort(names); !slices.Equal(names, test.now) {
				t.Errorf("there are %v, want %v", names, test.now)
			}
		})
	}
}
