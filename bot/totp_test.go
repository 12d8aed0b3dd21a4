package bot_test

import (
	"fmt"
	"testing"
	"time"

	"deckhand/bot"
)

// The vectors of RFC 6238, appendix B, for SHA-1; their last six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	key := bot.Key("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := key.Code(time.Unix(at, 0)); got != want {
			t.Errorf("at %d the code is %s, want %s", at, got, want)
		}
	}
	if shown := fmt.Sprintf("%v %s %x %+v %q", key, key, key, struct{ K bot.Key }{key}, key); shown != "[secret] [secret] [secret] {K:[secret]} [secret]" {
		t.Errorf("a key prints as %s", shown)
	}
}
