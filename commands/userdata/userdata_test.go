package userdata

import (
	"strings"
	"testing"

	"deckhand/commands"
)

func TestWhatALineMakesOfATemplate(t *testing.T) {
	t.Parallel()
	web := Template{Name: "web", Text: "serve {{port}} {{ name }} {{.ID}}", Parameters: map[string]string{"port": "80", "name": ""}}
	for title, c := range map[string]struct {
		flags Flags
		want  string // the script, or words of what is wrong
	}{
		"a value and a default":       {Flags{UserDataTemplate: "web", Parameter: map[string]string{"name": "shop"}}, "serve 80 shop {{.ID}}"},
		"both values":                 {Flags{UserDataTemplate: "web", Parameter: map[string]string{"name": "a", "port": "8080"}}, "serve 8080 a {{.ID}}"},
		"a value that is needed":      {Flags{UserDataTemplate: "web"}, "needs a value for name"},
		"a value that is a command":   {Flags{UserDataTemplate: "web", Parameter: map[string]string{"name": "$(reboot)"}}, "characters that are not taken"},
		"a value that is a parameter": {Flags{UserDataTemplate: "web", Parameter: map[string]string{"name": "{{port}}"}}, "characters that are not taken"},
		"an unknown parameter":        {Flags{UserDataTemplate: "web", Parameter: map[string]string{"name": "a", "size": "1"}}, "has no parameter size"},
		"an unknown template":         {Flags{UserDataTemplate: "wbe"}, "There is no template wbe."},
		"a script and a template":     {Flags{UserDataTemplate: "web", UserData: "x"}, "a script and a template"},
		"a parameter alone":           {Flags{Parameter: map[string]string{"a": "b"}}, "goes with a template"},
		"a file":                      {Flags{UserData: "file://web.sh"}, "names a file"},
		"a script":                    {Flags{UserData: "#!/bin/sh"}, "#!/bin/sh"},
		"nothing":                     {Flags{}, ""},
	} {
		got, wrong := c.flags.Script([]Template{web})
		if err := wrong.Err(); err != nil {
			got = commands.Terminal().Render(err.Error())
		}
		if got != c.want && (c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %q, want %q", title, got, c.want)
		}
	}
}
