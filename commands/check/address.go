package check

import (
	"context"
	"strings"

	"deckhand/commands"
)

// Addresses knows where heartbeats are called.
type Addresses interface {
	// HeartbeatURL is what stands before the token, "https://deckhand.example.com/heartbeat/"; "" where nothing listens.
	HeartbeatURL() string
	// Webhooks are the names of those that the configuration has.
	Webhooks() []string
}

// address is check address.
type address struct {
	Name string `arg:"name" alias:"name" required:"" help:"Name of the check."`

	book      Book
	addresses Addresses
}

// Run shows the address to whoever added the check, and only where nobody else reads it.
func (a *address) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := Find(ctx, a.book, a.Name)
	if err != nil {
		return commands.Report{}, err
	}
	base := a.addresses.HeartbeatURL()
	switch {
	case c.Kind() != Beat || c.Heartbeat == nil:
		return commands.Report{}, usage("The check "+commands.Mono(c.Name)+" is no heartbeat: nothing calls it.", "See "+commands.Mono("check show "+c.Name)+".")
	case base == "":
		return commands.Report{}, nobodyListens()
	case c.Heartbeat.Token == "":
		return commands.Report{}, &commands.Error{
			Kind: commands.Denied, Message: "The token of " + commands.Mono(c.Name) + " stands in the configuration, and is not shown here.",
			Hint: "The job calls " + commands.Mono(base+"TOKEN") + ", with the token that the configuration refers to.",
		}
	case run.Asker.User != c.Owner.User:
		return commands.Report{}, &commands.Error{
			Kind: commands.Denied, Message: "The address of " + commands.Mono(c.Name) + " is shown to " + commands.Person(c.Owner.User) + " alone, who added it.",
			Hint: "Ask them, or remove the check and add it again.",
		}
	case run.Asker.Thread != "" && !strings.HasPrefix(run.Asker.Channel, "D"):
		return commands.Report{}, &commands.Error{
			Kind: commands.Denied, Message: "The address is a secret, and an answer in a thread is read by everybody.",
			Hint: "Type it as a slash command: " + commands.Mono("/deckhand check address "+c.Name) + ".",
		}
	}
	url := base + c.Heartbeat.Token
	return commands.Report{
		Title: "The job of " + c.Name + " calls this address",
		Body: commands.Blocks{
			commands.Code{Text: "curl -fsS -m 10 " + url},
			commands.Text{Text: "GET and POST both count. It is a secret: whoever knows it can call in the job's place. A call is due every " + Span(c.Heartbeat.Every) + "."},
		},
		Next: []commands.Next{{Label: "Show", Line: "check show " + c.Name}},
	}, nil
}

// nobodyListens is the answer where no listener could take a call.
func nobodyListens() error {
	return &commands.Error{
		Kind: commands.Denied, Message: "Nothing listens for the calls of heartbeats here.",
		Hint: "Write " + commands.Mono("admin.listen") + " into the configuration, or let Slack reach the bot by http.",
	}
}
