package lambda

import (
	"context"
	"fmt"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// verdict is how a watch ended, and why.
type verdict struct {
	Promote bool
	Moved   bool // somebody else moved the alias, and that stands
	Why     string
}

// watch looks until the time is over or something fails. A watch that goes on after a restart ends when it would have ended.
func (c *Canary) watch(ctx context.Context, run *commands.Run, p picked, s shifted, now func() time.Time) (verdict, error) {
	moved := 0 // looks in a row that show the alias otherwise: AWS may show it late once
	for end := s.At.Add(c.For); ; {
		at := now()
		n, bad, err := c.look(ctx, p, s, at)
		if a, aliasErr := c.alias(ctx, p); aliasErr == nil && !c.shifted(a, s) {
			moved++
		} else if aliasErr == nil {
			moved = 0
		}
		over := !at.Before(end)
		switch {
		case ctx.Err() != nil:
			return verdict{}, ctx.Err()
		case moved > 1 || moved > 0 && over:
			return verdict{Moved: true, Why: fmt.Sprintf("Until then %d of %s of version %s failed.", n.Errors, commands.Count(n.Invocations, "call"), c.Version)}, nil
		case err != nil && over:
			return verdict{Why: "The last look failed: " + commands.Words(err).Message}, nil
		case err == nil && bad != "":
			return verdict{Why: bad}, nil
		case over && n.Invocations == 0:
			return verdict{Why: fmt.Sprintf("CloudWatch counted no call of version %s in %s: nobody tried it.", c.Version, check.Span(c.For))}, nil
		case over:
			return verdict{Promote: true, Why: fmt.Sprintf("%d of %s of version %s failed in %s.", n.Errors, commands.Count(n.Invocations, "call"), c.Version, check.Span(c.For))}, nil
		case err != nil:
			run.Say("A look failed, the watch goes on: " + commands.Words(err).Message)
		default:
			run.Say(fmt.Sprintf("%d %% of %s goes to version %s until %s: %d of %s failed.", c.Percent, c.Alias, c.Version, commands.At(end), n.Errors, commands.Count(n.Invocations, "call")))
		}
		select {
		case <-ctx.Done():
			return verdict{}, ctx.Err()
		case <-time.After(min(canaryPause, end.Sub(at))):
		}
	}
}

// look counts the calls of the version, and says what is bad; "" where nothing is.
func (c *Canary) look(ctx context.Context, p picked, s shifted, now time.Time) (aws.FunctionErrors, string, error) {
	if fell, err := c.fell(ctx, s.At); err != nil || fell != "" {
		return aws.FunctionErrors{}, fell, err
	}
	n, err := c.cloud.VersionErrors(ctx, p.Target, p.Function.Name, c.Alias, c.Version, s.At, now.Add(time.Second))
	if n.Errors*100 > c.MaxErrors*n.Invocations {
		return n, fmt.Sprintf("%d of %s of version %s failed.", n.Errors, commands.Count(n.Invocations, "call"), c.Version), err
	}
	return n, "", err
}

// settleAlias leaves the alias with one version, unless somebody moved it meanwhile: that stands. A version that was not promoted is an error.
func (c *Canary) settleAlias(ctx context.Context, run *commands.Run, p picked, s shifted, v verdict) (commands.Report, error) {
	want := s.Old
	if v.Promote {
		want = c.Version
	}
	moved, err := commands.Repeat(ctx, run, "UpdateAlias", func(ctx context.Context) (bool, error) {
		for begun := time.Now(); ; {
			moved, err := c.point(ctx, p, s, v, want)
			kind := commands.Words(err).Kind
			if err == nil || kind != commands.Unavailable && kind != commands.Uncertain || time.Since(begun) > settleFor {
				return moved, err
			}
			run.Say("AWS does not settle " + c.Alias + " now; it is asked again: " + commands.Words(err).Message)
			select {
			case <-ctx.Done():
				return moved, err
			case <-time.After(canaryPause):
			}
		}
	})
	show := commands.Next{Label: "Show", Line: p.line("lambda show")}
	switch {
	case err != nil:
		return commands.Report{Tone: commands.Bad, Title: "The watch of " + c.Alias + " ended, and the alias was not settled", Where: where.Words(p.Place), Body: commands.Blocks{
			commands.Text{Text: v.Why}, commands.Text{Text: "It may still share its calls: " + commands.Mono(c.undo(p, want)) + " makes it mean version " + want + " alone."},
		}, Next: []commands.Next{{Label: "Settle it", Line: c.undo(p, want), Style: "primary"}, show}}, err
	case moved:
		return commands.Report{
			Tone: commands.Warning, Title: fmt.Sprintf("Somebody else changed %s of %s during the watch, and that stands", c.Alias, p.Function.Name), Where: where.Words(p.Place), Next: []commands.Next{show},
		}, unpromoted(v)
	case v.Promote:
		return c.promoted(p, s.Old, v.Why), nil
	}
	return commands.Report{
		Tone: commands.Bad, Title: fmt.Sprintf("Rolled back: %s of %s means version %s alone again", c.Alias, p.Function.Name, s.Old), Where: where.Words(p.Place),
		Next: []commands.Next{{Label: "Logs", Line: p.line("lambda logs")}, show},
	}, unpromoted(v)
}

// point makes the alias mean one version alone, and tells whether somebody else has moved it: then it is left so.
func (c *Canary) point(ctx context.Context, p picked, s shifted, v verdict, want string) (moved bool, err error) {
	switch a, err := c.alias(ctx, p); {
	case err != nil:
		return false, err
	case v.Moved && !c.shifted(a, s):
		return true, nil
	case a.Version == want && a.Other == "":
		return false, nil
	case !c.shifted(a, s):
		return true, nil
	}
	return false, c.cloud.PointAlias(ctx, p.Target, p.Function.Name, aws.FunctionAlias{Name: c.Alias, Version: want})
}

func unpromoted(v verdict) error { return &commands.Error{Kind: commands.Failed, Message: v.Why} }
