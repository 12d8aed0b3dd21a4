package aws_test

import (
	"testing"

	"deckhand/aws"
)

func TestWildcard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"web", "web", true},
		{"web", "Web", false},
		{"web", "web-1", false},
		{"web*", "web-1", true},
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"web-?", "web-1", true},
		{"web-?", "web-", false},
		{"*-prod-*", "eu-prod-prod-1", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-b-b-", false},
		{`web\*`, "web*", true},
		{`web\*`, "web-1", false},
		{"m?ller", "müller", true},
	} {
		if got := aws.Wildcard(c.pattern, c.text); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}
