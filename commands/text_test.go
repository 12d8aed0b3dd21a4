package commands

import "testing"

func TestOneOfSeveralFilesIsNamed(t *testing.T) {
	t.Parallel()
	one, other := File{Name: "r-2.tf", Content: "resource\n"}, File{Name: "counter.index.py", Content: "import json\n"}
	for want, body := range map[string]Blocks{
		"Made\nresource\n": {one},
		"Made\nr-2.tf:\nresource\ncounter.index.py:\nimport json\n": {one, other},
	} {
		if got := RenderText(Report{Title: "Made", Body: body}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
