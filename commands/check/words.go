package check

import (
	"fmt"
	"strings"
	"time"
)

// Span says how long something took or lasted, in at most two units: "380 ms", "5 s", "4 min 10 s", "2 h 5 min", "3 d 4 h".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second && d%time.Second >= 100*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return units(d, time.Minute, "min", time.Second, "s")
	case d < 24*time.Hour:
		return units(d, time.Hour, "h", time.Minute, "min")
	default:
		return units(d, 24*time.Hour, "d", time.Hour, "h")
	}
}

func units(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d %s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return text
}

// Thresholds says how far a check is from changing its mind: "2 of 3 failures", "1 of 2 passes".
func Thresholds(c Check, s State) string {
	if s.Status == Down {
		return fmt.Sprintf("%d of %s", s.Streak, count(c.PassAfter, "pass", "passes"))
	}
	return fmt.Sprintf("%d of %s", s.Streak, count(c.FailAfter, "failure", "failures"))
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// sentence makes a detail the beginning of a sentence: "no answer within 5 s" becomes "No answer within 5 s".
func sentence(detail string) string {
	if detail == "" {
		return detail
	}
	return strings.ToUpper(detail[:1]) + detail[1:]
}
