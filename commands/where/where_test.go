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
