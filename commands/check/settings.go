package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"deckhand/commands"
	"deckhand/commands/probe"
)

// settings are the fields that say what a check does. They hold no secret: of one there is only the reference.
func settings(c Check) []commands.Field {
	tells := "nobody"
	if c.Channel != "" {
		tells = commands.Channel(c.Channel)
	}
	fields := []commands.Field{
		{Name: "URL", Value: commands.Mono(c.URL)},
		{Name: "Looks", Value: commands.Mono(c.Schedule) + ", timeout " + Span(c.Timeout)},
	}
	if from := c.vantage(); from != "" {
		fields = append(fields, commands.Field{Name: "Looks from", Value: from})
	}
	if sent := sends(c.Request); sent != "" {
		fields = append(fields, commands.Field{Name: "Sends", Value: sent})
	}
	fields = append(fields,
		commands.Field{Name: "Counts as up", Value: countsAsUp(c)},
		commands.Field{Name: "Down after", Value: count(c.FailAfter, "failure", "failures in a row")},
		commands.Field{Name: "Up again after", Value: count(c.PassAfter, "pass", "passes in a row")},
		commands.Field{Name: "Tells", Value: tells},
	)
	return append(fields, c.calling()...)
}

// countsAsUp says what has to be so.
func countsAsUp(c Check) string {
	parts := []string{rule(c)}
	if c.Body != "" {
		parts = append(parts, "and a body with "+commands.Mono(c.Body))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		if value := c.Headers[name]; value != "" {
			parts = append(parts, "header "+commands.Mono(name)+" with "+commands.Mono(value))
		} else {
			parts = append(parts, "header "+commands.Mono(name))
		}
	}
	for _, condition := range c.JSON {
		parts = append(parts, commands.Mono(condition))
	}
	for _, record := range c.Records {
		parts = append(parts, "with "+commands.Mono(record))
	}
	if c.ValidDays > 0 {
		parts = append(parts, ends(c)+" for "+count(c.ValidDays, "day", "days")+" more")
	}
	if c.MaxLatency > 0 {
		parts = append(parts, "within "+Span(c.MaxLatency))
	}
	return strings.Join(parts, ", ")
}

// ends is what must go on for some days.
func ends(c Check) string {
	if c.Kind() == Domain {
		return "registered"
	}
	return "the certificate valid"
}

// rule is the first thing that has to be so, by kind.
func rule(c Check) string {
	switch c.Kind() {
	case TCP:
		return "a connection is taken"
	case TLS:
		return "a valid certificate"
	case DNS:
		return "records of the name"
	case ICMP:
		return "an echo"
	case Beat:
		if c.Heartbeat == nil {
			return "a call in time"
		}
		text := "a call every " + Span(c.Heartbeat.Every)
		if c.Heartbeat.Grace > 0 {
			text += ", " + Span(c.Heartbeat.Grace) + " later at most"
		}
		return text
	case Domain:
		return "a registration that has not ended; its registry is asked once a day"
	case TargetGroup:
		return "every target healthy"
	case EC2:
		return "running, with both status checks passed"
	case Lambda:
		return fmt.Sprintf("at most %d %% of the invocations of the last %s failed", c.MaxErrors, Span(LambdaWindow))
	default:
		if len(c.Status) > 0 {
			return "HTTP " + probe.StatusText(c.Status, ", ")
		}
		return "any status from 200 to 399"
	}
}

// sends says what an HTTP check sends, where that is more than a GET.
func sends(r *Request) string {
	if r == nil {
		return ""
	}
	method := r.Method
	if method == "" {
		method = "GET"
	}
	parts := []string{method}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		parts = append(parts, commands.Mono(name+": "+r.Headers[name]))
	}
	if r.Body != "" {
		parts = append(parts, "the body "+commands.Mono(short(r.Body)))
	}
	switch {
	case r.Redirects < 0:
		parts = append(parts, "follows no redirects")
	case r.Redirects > 0:
		parts = append(parts, "follows "+count(r.Redirects, "redirect", "redirects"))
	}
	return strings.Join(parts, ", ")
}

func short(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		return string(runes[:99]) + "…"
	}
	return text
}

// line is the line that adds the check again.
func line(c Check) string {
	words := []string{"check add --name", c.Name, "--url", commands.Quote(c.URL), "--schedule", commands.Quote(c.Schedule), "--timeout", c.Timeout.String()}
	flag := func(given bool, name, value string) {
		if given {
			words = append(words, "--"+name, commands.Quote(value))
		}
	}
	flag(len(c.Status) > 0, "status", probe.StatusText(c.Status, ","))
	flag(c.Body != "", "body", c.Body)
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		flag(true, "expect-header", name+": "+c.Headers[name])
	}
	for _, condition := range c.JSON {
		flag(true, "json", condition)
	}
	flag(c.MaxLatency > 0, "max-latency", c.MaxLatency.String())
	for _, record := range c.Records {
		flag(true, "record", record)
	}
	flag(c.ValidDays > 0, "valid-days", strconv.Itoa(c.ValidDays))
	flag(c.MaxErrors > 0, "max-errors", strconv.Itoa(c.MaxErrors))
	if r := c.Request; r != nil {
		flag(r.Method != "", "method", r.Method)
		for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
			flag(true, "header", name+": "+r.Headers[name])
		}
		flag(r.Body != "", "data", r.Body)
		flag(r.Redirects > 0, "redirects", strconv.Itoa(r.Redirects))
		if r.Redirects < 0 {
			words = append(words, "--no-follow")
		}
	}
	if c.Heartbeat != nil {
		flag(true, "every", c.Heartbeat.Every.String())
		flag(c.Heartbeat.Grace > 0, "grace", c.Heartbeat.Grace.String())
	} else {
		words = append(words, "--fail-after", strconv.Itoa(c.FailAfter), "--pass-after", strconv.Itoa(c.PassAfter))
	}
	if c.Channel != "" {
		words = append(words, "--channel", c.Channel)
	}
	return strings.Join(words, " ") + c.vantageFlags() + c.callingFlags()
}
