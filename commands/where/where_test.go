package where

import (
	"testing"

	"deckhand/aws"
)

func TestWords(t *testing.T) {
	for want, place := range map[string]aws.Place{
		"us-east-1":                     {Region: "us-east-1"},
		"123456789012 · us-east-1":      {AccountID: "123456789012", Region: "us-east-1"},
		"prod 123456789012 · eu-west-1": {AccountName: "prod", AccountID: "123456789012", Region: "eu-west-1"},
	} {
		if got := Words(place); got != want {
			t.Errorf("Words(%+v) = %q, want %q", place, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	elsewhere := aws.Target{Region: "eu-west-1", Account: "the prod"}
	for want, got := range map[string]string{
		"lb list":          Line(aws.Target{}, "lb list"),
		`lb show "my app"`: Line(aws.Target{}, "lb show", "my app"),
		`net sg allow web --port 443 --from "a b"`:        Line(aws.Target{}, "net sg allow", "web", "--port", "443", "--from", "a b"),
		`vm list --region eu-west-1 --account "the prod"`: Line(elsewhere, "vm list"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAChannelFillsInWhatTheLineLeavesOpen(t *testing.T) {
	for name, c := range map[string]struct {
		line, bound, want Target
		flags             string
	}{
		"both":                          {Target{}, Target{Region: "eu-west-1", Account: "prod"}, Target{Region: "eu-west-1", Account: "prod"}, " --region eu-west-1 --account prod"},
		"the line's region wins":        {Target{Region: "us-east-1"}, Target{Region: "eu-west-1", Account: "prod"}, Target{Region: "us-east-1", Account: "prod"}, " --account prod"},
		"another account takes nothing": {Target{Account: "default"}, Target{Region: "eu-west-1", Account: "prod"}, Target{Account: "default"}, ""},
		"the same account takes region": {Target{Account: "prod"}, Target{Region: "eu-west-1", Account: "prod"}, Target{Region: "eu-west-1", Account: "prod"}, " --region eu-west-1"},
		"nothing is open":               {Target{Region: "a", Account: "prod"}, Target{Region: "b", Account: "prod"}, Target{Region: "a", Account: "prod"}, ""},
		"a region alone":                {Target{}, Target{Region: "eu-west-1"}, Target{Region: "eu-west-1"}, " --region eu-west-1"},
	} {
		got := c.line
		if flags := got.Settle(c.bound.Account, c.bound.Region); got != c.want || flags != c.flags {
			t.Errorf("%s: %+v %q", name, got, flags)
		}
	}
}
