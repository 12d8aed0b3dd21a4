package lambda

import (
	"testing"
	"time"

	"deckhand/aws"
)

func TestWhatAnUpdateLeftIsToldByMoreThanTheRevision(t *testing.T) {
	t.Parallel()
	before := aws.Function{Revision: "r", CodeSHA256: "a", Timeout: 3, ModifiedAt: time.Unix(1, 0)}
	for name, now := range map[string]aws.Function{
		"another revision": {Revision: "s", CodeSHA256: "a", Timeout: 3, ModifiedAt: time.Unix(1, 0)},
		"other code":       {Revision: "r", CodeSHA256: "b", Timeout: 3, ModifiedAt: time.Unix(1, 0)},
		"another setting":  {Revision: "r", CodeSHA256: "a", Timeout: 9, ModifiedAt: time.Unix(1, 0)},
		"a later time":     {Revision: "r", CodeSHA256: "a", Timeout: 3, ModifiedAt: time.Unix(2, 0)},
	} {
		if unchanged(before, now) {
			t.Errorf("with %s the function counts as unchanged", name)
		}
	}
	if same := before; !unchanged(before, same) {
		t.Error("the same function counts as changed")
	}
}

func TestAnUpdateIsThroughWhereEverySettingAndValueIsThere(t *testing.T) {
	t.Parallel()
	c := &Update{Settings: Settings{Timeout: 9}, SetEnv: []string{"MODE=b"}, UnsetEnv: []string{"OLD"}}
	for _, f := range []struct {
		now  aws.Function
		want bool
	}{
		{aws.Function{Timeout: 9, Environment: map[string]string{"MODE": "b", "OTHER": "x"}}, true},
		{aws.Function{Timeout: 3, Environment: map[string]string{"MODE": "b"}}, false},
		{aws.Function{Timeout: 9, Environment: map[string]string{"MODE": "a"}}, false},
		{aws.Function{Timeout: 9, Environment: map[string]string{"MODE": "b", "OLD": "x"}}, false},
	} {
		if got := c.configured(f.now); got != f.want {
			t.Errorf("%+v: %t", f.now, got)
		}
	}
}

func TestAnArchiveIsHashedAsLambdaTellsIt(t *testing.T) {
	t.Parallel()
	if got := hashed([]byte("x")); got != "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=" { // printf x | openssl dgst -sha256 -binary | base64
		t.Error(got)
	}
}

func TestALogGroupThatOthersMayWriteIntoStays(t *testing.T) {
	t.Parallel()
	for group, want := range map[string]string{"/aws/lambda/counter": "/aws/lambda/counter", "/shared/app": "", "/aws/lambda/counter2": ""} {
		if got := ownLog(aws.Function{Name: "counter", LogGroup: group}); got != want {
			t.Errorf("%s: %q", group, got)
		}
	}
}
