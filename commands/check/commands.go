package check

import (
	"context"
	"strings"
	"time"

	"deckhand/commands"
)

// Clock understands timetables.
type Clock interface {
	// Next answers the first slot after a time; an Error of kind Usage where the expression is wrong.
	Next(cron, timeZone string, after time.Time) (time.Time, error)
}

// Commands are the check commands and status.
func Commands(book Shelf, prober Tracer, clock Clock, addresses Addresses, prices Prices, digest Digest) []commands.Command {
	return []commands.Command{
		{
			Name:    "check add",
			Aliases: []string{"check create"},
			Summary: "Look at an endpoint on a timetable and tell a channel when it stops answering",
			Example: `check add --name myapp --url http://myapp.example.com/ --schedule "@every 1m"`,
			Undo:    commands.Mono("check remove") + " of the same name.",
			Risk:    commands.Change,
			Rights:  []string{"lambda:InvokeFunction", "pricing:GetProducts"},
			Own:     true,
			New: func() commands.Runner {
				return &add{book: book, prober: prober, clock: clock, addresses: addresses, prices: prices}
			},
		},
		{
			Name:    "check list",
			Summary: "List the checks and where they stand",
			Example: "check list",
			Local:   true,
			New:     func() commands.Runner { return &list{book: book, clock: clock} },
		},
		{
			Name:    "check show",
			Summary: "Show a check with its latest results",
			Example: "check show myapp",
			Local:   true,
			New:     func() commands.Runner { return &show{book: book, clock: clock} },
		},
		{
			Name:    "check run",
			Aliases: []string{"check now", "check test"},
			Summary: "Look at a check's endpoint once, now, and tell how long each part of it took",
			Example: "check run myapp",
			Rights: []string{
				"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags",
				"ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "cloudwatch:GetMetricData", "lambda:GetFunction", "lambda:InvokeFunction",
			},
			New: func() commands.Runner { return &look{book: book, prober: prober} },
		},
		{
			Name:    "check address",
			Summary: "Tell the address that a heartbeat's job calls, to whoever added it",
			Example: "check address nightly-backup",
			Local:   true,
			New:     func() commands.Runner { return &address{book: book, addresses: addresses} },
		},
		{
			Name:    "check remove",
			Aliases: []string{"check delete", "check rm"},
			Summary: "Stop looking at an endpoint and forget its results",
			Example: "check remove myapp",
			Undo:    commands.Mono("check add") + " with what it was; its results are not kept.",
			Risk:    commands.Change,
			New:     func() commands.Runner { return &remove{book: book} },
		},
		{
			Name:    "check history",
			Summary: "Tell how a check was in the past, with a chart: uptime, latency, error budget, outages",
			Example: "check history myapp --days 30",
			Local:   true,
			New:     func() commands.Runner { return &history{book: book} },
		},
		{
			Name:    "check gap",
			Summary: "Tell what was not looked at while deckhand did not run",
			Example: "check gap --from 2026-11-26T02:10:00Z --to 2026-11-26T02:41:00Z",
			Local:   true,
			New:     func() commands.Runner { return &gap{book: book, clock: clock} },
		},
		{
			Name:    "report",
			Aliases: []string{"check report"},
			Summary: "Report a month of all checks: uptime, outages, minutes measured and not measured",
			Example: "report --month 2026-11 --csv",
			Local:   true,
			New:     func() commands.Runner { return &monthly{book: book} },
		},
		{
			Name:    "status",
			Aliases: []string{"check status"},
			Summary: "Tell whether everything that is checked is up",
			Example: "status",
			Rights:  []string{"ce:GetCostAndUsage"},
			Local:   true,
			New:     func() commands.Runner { return &status{book: book, clock: clock, digest: digest} },
		},
	}
}

// Find answers a check by its name, or an Error of kind NotFound that knows the nearest names.
func Find(ctx context.Context, book Book, name string) (Check, error) {
	checks, err := book.Checks(ctx)
	if err != nil {
		return Check{}, err
	}
	names := make([]string, len(checks))
	for i, c := range checks {
		if strings.EqualFold(c.Name, name) {
			return c, nil
		}
		names[i] = c.Name
	}
	hint := "See " + commands.Mono("check list") + "."
	switch near := commands.Nearest(strings.ToLower(name), names); {
	case len(near) > 0:
		hint = "Did you mean " + commands.Mono(near[0]) + "?"
	case len(checks) == 0:
		hint = "There are no checks yet; add one with " + commands.Mono("check add --name myapp --url http://myapp.example.com/") + "."
	}
	return Check{}, &commands.Error{Kind: commands.NotFound, Message: "There is no check " + commands.Mono(name) + ".", Hint: hint}
}
