package check

import "testing"

func TestABareHostIsReadAsAnAddress(t *testing.T) {
	t.Parallel()
	for typed, meant := range map[string]string{
		"myapp.example.com":        "http://myapp.example.com",
		"127.0.0.1:8080/health":    "http://127.0.0.1:8080/health",
		"https://x.example.com":    "https://x.example.com",
		"ftp://x.example.com/file": "ftp://x.example.com/file",
		"":                         "",
	} {
		if got := withScheme(typed, ""); got != meant {
			t.Errorf("%q is read as %q, want %q", typed, got, meant)
		}
	}
}
