package config

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"deckhand/commands/spelling"
)

const (
	defaultEscalation = 15 * time.Minute
	longestWait       = 7 * 24 * time.Hour
	shortestWindow    = time.Minute
	longestWindow     = 7 * 24 * time.Hour
)

// withDefaults fills in what a check leaves out.
func (raw rawCheck) withDefaults(d *rawDefaults) rawCheck {
	if d == nil {
		return raw
	}
	for _, pair := range [][2]*text{
		{&raw.Channel, &d.Channel}, {&raw.Owner, &d.Owner},
		{&raw.EscalateAfter, &d.EscalateAfter}, {&raw.Reminders, &d.Reminders},
	} {
		if pair[0].Value == "" && !pair[0].bad {
			*pair[0] = *pair[1]
		}
	}
	if len(raw.EscalateTo.Items) == 0 && !raw.EscalateTo.bad {
		raw.EscalateTo = d.EscalateTo
	}
	return raw
}

// response reads who is called. Each problem is told once, also where it stands in the defaults and counts for many checks.
func (r *reader) response(raw rawCheck) Response {
	valid := Response{Contact: raw.Owner.Value}
	r.called(raw.Owner, "owner", "user", "group")
	for _, to := range raw.EscalateTo.Items {
		r.escalates(to, &valid)
	}
	if len(raw.EscalateTo.Items) > 0 {
		valid.EscalateAfter = r.wait(raw.EscalateAfter, "escalate_after", defaultEscalation)
	} else if raw.EscalateAfter.Value != "" {
		r.once(raw.EscalateAfter.Line, "escalate_after says when, and there is no escalate_to to say who.", `Write escalate_to: "group:S024BE91L".`)
	}
	if raw.Reminders.Value == "off" {
		valid.Reminders = -1
	} else {
		valid.Reminders = r.wait(raw.Reminders, "reminders", 0)
	}
	return valid
}

func (r *reader) wait(value text, key string, otherwise time.Duration) time.Duration {
	if value.Value == "" || value.bad {
		return otherwise
	}
	wait, err := time.ParseDuration(value.Value)
	if err != nil || wait < time.Second || wait > longestWait {
		hint := "Write a length of time from a second to a week, such as 15m."
		if key == "reminders" {
			hint = "Write a length of time from a second to a week, such as 30m, or off."
		}
		r.once(value.Line, fmt.Sprintf("%s is %s.", key, quoted(value.Value)), hint)
	}
	return wait
}

// escalates reads one of those who are called where nobody acknowledges: somebody in the chat, and a webhook.
func (r *reader) escalates(value text, valid *Response) {
	name, webhook := strings.CutPrefix(value.Value, "webhook:")
	into := &valid.EscalateTo
	if webhook {
		into = &valid.Webhook
	}
	switch {
	case *into != "":
		r.once(value.Line, fmt.Sprintf("escalate_to has %s after another of its kind.", quoted(value.Value)), "It takes one webhook, and one user group, person or channel.")
	case !webhook:
		r.called(value, "escalate_to", "group", "user", "channel", "webhook")
		*into = value.Value
	case !slices.Contains(r.webhooks, name):
		hint := "Name it under health.webhooks."
		if near := nearest(name, r.webhooks); near != "" {
			hint = fmt.Sprintf("Did you mean %q?", "webhook:"+near)
		}
		r.once(value.Line, fmt.Sprintf("escalate_to is %s, and there is no such webhook.", quoted(value.Value)), hint)
	default:
		*into = name
	}
}

func (r *reader) called(value text, key string, kinds ...string) {
	if value.Value == "" || value.bad {
		return
	}
	kind, id, _ := strings.Cut(value.Value, ":")
	if slices.Contains(kinds, kind) && spelling.Fits(id, 64, "A-Z", "A-Z0-9_") {
		return
	}
	examples := map[string]string{"user": "user:U024BE7LH", "group": "group:S024BE91L", "channel": "channel:C024BE91L", "webhook": "webhook:pager"}
	var hints []string
	for _, kind := range kinds {
		hints = append(hints, examples[kind])
	}
	r.once(value.Line, fmt.Sprintf("%s is %s.", key, quoted(value.Value)), "Write "+oneOf(hints)+".")
}

// once reports a problem that may be found again for each check.
func (r *reader) once(line int, message, hint string) {
	same := func(p Problem) bool { return p.Line == max(line, 1) && p.Message == message }
	if !slices.ContainsFunc(r.problems, same) {
		r.problem(line, message, hint)
	}
}

// family reports parents that are not there, and checks that are behind themselves.
func (r *reader) family(raw []rawCheck) {
	parents := map[string]text{}
	for _, check := range raw {
		parents[check.Name.Value] = check.Parent
	}
	for _, check := range raw {
		if check.Parent.Value == "" {
			continue
		}
		if _, there := parents[check.Parent.Value]; !there {
			hint := "A parent stands among the checks of this file."
			var names []string
			for name := range parents {
				names = append(names, name)
			}
			slices.Sort(names)
			if near := nearest(check.Parent.Value, names); near != "" {
				hint = fmt.Sprintf("Did you mean %q?", near)
			}
			r.problem(check.Parent.Line, fmt.Sprintf("parent is %s, and there is no such check.", quoted(check.Parent.Value)), hint)
			continue
		}
		way := []string{check.Name.Value}
		for at := check.Parent.Value; at != "" && len(way) <= len(raw); at = parents[at].Value {
			way = append(way, at)
			if at == check.Name.Value {
				r.problem(check.Parent.Line, "A check is behind itself: "+strings.Join(way, ", behind ")+".", "Take one of the parents out.")
				break
			}
		}
	}
}

func (r *reader) maintenance(raw []rawWindow) []Window {
	var windows []Window
	names := unique{r: r, what: "maintenance window"}
	for _, window := range raw {
		windows = append(windows, r.window(window, &names))
	}
	return windows
}

func (r *reader) window(raw rawWindow, names *unique) Window {
	names.check(raw.Name, raw.Line, "A maintenance window's name")
	if r.required(raw.Cron, raw.Line, "A maintenance window's cron", `Write when it begins, such as "0 3 * * 0".`) {
		r.timetable(raw.Cron, "cron")
	}
	var duration time.Duration
	if r.required(raw.Duration, raw.Line, "A maintenance window's duration", "Write how long it lasts, such as 30m.") {
		var ok bool
		if duration, ok = r.duration(raw.Duration, "duration", 0); ok && (duration < shortestWindow || duration > longestWindow) {
			r.problem(raw.Duration.Line, fmt.Sprintf("duration is %s; it must be from a minute to a week.", quoted(raw.Duration.Value)), "")
		}
	}
	zone := r.timeZone(raw.TimeZone)
	valid := Window{Name: raw.Name.Value, Cron: strings.TrimSpace(raw.Cron.Value), TimeZone: zone, Duration: duration, Reason: raw.Reason.Value}
	for _, pattern := range raw.Checks.Items {
		if _, err := path.Match(pattern.Value, ""); err != nil {
			r.problem(pattern.Line, fmt.Sprintf("checks has %s, which is not a pattern.", quoted(pattern.Value)), "Use * for anything and ? for one letter.")
		}
		valid.Checks = append(valid.Checks, pattern.Value)
	}
	if len(raw.Checks.Items) == 0 {
		valid.Checks = []string{"*"}
	}
	return valid
}
