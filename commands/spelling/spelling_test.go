package spelling

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// samples are texts around every limit: each character of ASCII in each place, all lengths up to beyond the longest, and what is no ASCII.
func samples() []string {
	texts := []string{"", "é", "a\u212a", "a\xff", "a.b", "*.a.b", "a..b", "-a.bc", "a-.bc", "a.b-c.de.", "a_.b_.com", "www.example.c", "www.example.com.", "www.example.com..", "a.1b", "a.b1", "a.xn--p1ai"}
	for c := range 128 {
		for _, form := range []string{"%s", "a%sa", "A%s", "%sA", "%sa", "a%s", "a.%scom", "a%s.com", "a.co%s"} {
			texts = append(texts, fmt.Sprintf(form, string(rune(c))))
		}
	}
	for n := range 300 {
		texts = append(texts, strings.Repeat("a", n), strings.Repeat("A", n), strings.Repeat("a", n)+".com", strings.Repeat("a.", n)+"com")
	}
	return texts
}

func TestItSaysWhatAnExpressionWouldSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expression string
		longest    int
		fits       func(string) bool
	}{
		{`^[a-z0-9][a-z0-9._-]{0,62}$`, 63, Name},
		{`^[CGD][A-Z0-9_]{1,63}$`, 64, func(s string) bool { return SlackID(s, "CGD") }},
		{`^[A-Z][A-Z0-9_]{1,63}$`, 64, func(s string) bool { return SlackID(s, "A-Z") }},
		{`^[A-Za-z0-9._:/@+,=-]{1,256}$`, 256, Value},
		{`^[A-Za-z][A-Za-z0-9\[\]/'@-]{0,127}$`, 128, func(s string) bool { return Fits(s, 128, Letters, Alphanumeric+"[]/'@-") }},
		{`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]\.?$`, 253, Host},
	} {
		pattern := regexp.MustCompile(c.expression)
		for _, text := range samples() {
			if got, want := c.fits(text), len(text) <= c.longest && pattern.MatchString(text); got != want {
				t.Errorf("%s: %q is %t, want %t", c.expression, text, got, want)
			}
		}
	}
}
