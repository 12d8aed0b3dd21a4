package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/spelling"
)

// Calling is who is called when a check goes down.
type Calling struct {
	Parent        string        `flag:"parent" value:"CHECK" help:"A check that this one is behind: while that one is down, this one is not told."`
	Contact       string        `flag:"owner" value:"WHO" help:"Who is mentioned when it goes down or comes back: a person or a user group."`
	EscalateTo    []string      `flag:"escalate-to" value:"WHO" help:"Who is called where nobody acknowledges: a user group, a person or a channel, and webhook:NAME of the configuration."`
	EscalateAfter time.Duration `flag:"escalate-after" value:"TIME" help:"How long nobody may acknowledge; 15m where --escalate-to is given alone."`
	Reminders     string        `flag:"reminders" value:"TIME" help:"When it is reminded of first, each wait twice the one before: 30m where nothing is given; off."`
}

// calledAs reads "U1", "user:U1", "S1", "group:S1", and where a channel will do "C1" and "channel:C1".
func calledAs(text, flag string, channels bool) (string, error) {
	kind, id, named := strings.Cut(text, ":")
	if !named {
		kind, id = "", text
	}
	id = strings.TrimLeft(id, "@#")
	switch {
	case text == "":
		return "", nil
	case spelling.SlackID(id, "UW") && (kind == "" || kind == "user"):
		return "user:" + id, nil
	case spelling.SlackID(id, "S") && (kind == "" || kind == "group"):
		return "group:" + id, nil
	case channels && isChannel(id) && (kind == "" || kind == "channel"):
		return "channel:" + id, nil
	}
	hint := "Pick a person or a user group from Slack's list while typing " + commands.Mono("@") + "."
	return "", usage(fmt.Sprintf("%s is nobody who can be called by %s.", commands.Mono(text), commands.Mono("--"+flag)), hint)
}

// escalates reads one of those who are called where nobody acknowledges.
func (out *Response) escalates(text string, webhooks []string) error {
	into := &out.EscalateTo
	var value string
	if name, webhook := strings.CutPrefix(text, "webhook:"); webhook {
		into, value = &out.Webhook, name
		if !slices.Contains(webhooks, name) {
			hint := "The configuration names webhooks under " + commands.Mono("health.webhooks") + ", and has none."
			if len(webhooks) > 0 {
				hint = "There is " + commands.Mono("webhook:"+strings.Join(webhooks, ", webhook:")) + "."
			}
			return usage("There is no webhook "+commands.Mono(name)+".", hint)
		}
	} else {
		var err error
		if value, err = calledAs(text, "escalate-to", true); err != nil {
			return err
		}
	}
	if *into != "" {
		return usage("Two of one kind cannot be called.", "Give "+commands.Mono("--escalate-to")+" one webhook, and one user group, person or channel.")
	}
	*into = value
	return nil
}

// response reads the flags. Webhooks are the names of those of the configuration.
func (c *Calling) response(webhooks []string) (Response, error) {
	var out Response
	var err error
	if out.Contact, err = calledAs(c.Contact, "owner", false); err != nil {
		return out, err
	}
	for _, text := range c.EscalateTo {
		if err := out.escalates(text, webhooks); err != nil {
			return out, err
		}
	}
	out.EscalateAfter = c.EscalateAfter
	switch {
	case !out.escalated() && c.EscalateAfter != 0:
		return out, usage("There is nobody to call after that time.", "Say who with "+commands.Mono("--escalate-to")+".")
	case out.escalated() && c.EscalateAfter == 0:
		out.EscalateAfter = 15 * time.Minute
	case c.EscalateAfter < 0 || c.EscalateAfter > 7*24*time.Hour:
		return out, usage("The time until somebody else is called must be at most a week.", "Write "+commands.Mono("--escalate-after 15m")+".")
	}
	switch c.Reminders {
	case "":
	case "off":
		out.Reminders = -1
	default:
		out.Reminders, err = time.ParseDuration(c.Reminders)
		if err != nil || out.Reminders < time.Second || out.Reminders > 7*24*time.Hour {
			return out, usage(commands.Mono(c.Reminders)+" is not when to remind.", "Write "+commands.Mono("--reminders 30m")+" or "+commands.Mono("--reminders off")+".")
		}
	}
	return out, nil
}

// parent finds the check that is to be above another.
func (c *Calling) parent(ctx context.Context, book Book, name string) (string, error) {
	if c.Parent == "" {
		return "", nil
	}
	if strings.EqualFold(c.Parent, name) {
		return "", usage("A check cannot be behind itself.", "Name another check with "+commands.Mono("--parent")+".")
	}
	above, err := Find(ctx, book, c.Parent)
	return above.Name, err
}

// escalated tells whether somebody or something is called where nobody acknowledges.
func (r Response) escalated() bool { return r.EscalateTo != "" || r.Webhook != "" }

// calling are the fields of a check that say who is called.
func (c Check) calling() []commands.Field {
	var fields []commands.Field
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, commands.Field{Name: name, Value: value})
		}
	}
	add("Behind", c.Parent)
	add("Owner", mention(c.Contact))
	if c.escalated() {
		to := mention(c.EscalateTo)
		if c.Webhook != "" {
			to = strings.TrimPrefix(to+" and webhook "+c.Webhook, " and ")
		}
		add("Escalates", "to "+to+" after "+Span(c.EscalateAfter))
	}
	switch {
	case c.Reminders < 0:
		add("Reminders", "none")
	case c.Reminders > 0:
		add("Reminders", "first after "+Span(c.Reminders))
	}
	return fields
}

func mention(subject string) string {
	kind, id, _ := strings.Cut(subject, ":")
	switch kind {
	case "user":
		return commands.Person(id)
	case "group":
		return commands.Group(id)
	case "channel":
		return commands.Channel(id)
	default:
		return ""
	}
}

// callingFlags are the flags that say it again.
func (c Check) callingFlags() string {
	text := commands.Flag("parent", c.Parent) + commands.Flag("owner", c.Contact) + commands.Flag("escalate-to", c.EscalateTo)
	if c.Webhook != "" {
		text += " --escalate-to webhook:" + c.Webhook
	}
	if c.escalated() {
		text += " --escalate-after " + c.EscalateAfter.String()
	}
	switch {
	case c.Reminders < 0:
		text += " --reminders off"
	case c.Reminders > 0:
		text += " --reminders " + c.Reminders.String()
	}
	return text
}
