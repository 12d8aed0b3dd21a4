package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

const checkMaker = "api domain" // in check.Check.MadeBy

// watched answers the check of a name: of a route that can be looked at without arguments. One that wants a token or a signature answers well when it
// refuses whoever has none. ok is false where no route is like that, or the name is too long for a check's.
func watched(name string, routes []aws.APIRoute) (c check.Check, ok bool) {
	const longest = 63
	commands.Order(routes, func(a, b aws.APIRoute) int { return strings.Compare(a.Key, b.Key) })
	for _, r := range routes {
		verb, path, found := strings.Cut(r.Key, " ")
		if !found {
			verb, path = "ANY", "/" // $default
		}
		if verb != "GET" && verb != "ANY" || strings.Contains(path, "{") || len(name) > longest {
			continue
		}
		c = check.Check{Name: name, URL: "https://" + name + path, Schedule: "@every 1m", Timeout: 5 * time.Second, FailAfter: 3, PassAfter: 2, MadeBy: checkMaker}
		switch r.Authorization {
		case byNobody, "":
			return c, true
		case byToken:
			c.Status = []int{401}
			return c, true
		case byIAM:
			c.Status = []int{403}
			return c, true
		}
	}
	return check.Check{}, false
}

// watch adds a check of a name. One that is there already stays as it is. That none could be added is told, and is no failure of what was asked.
func (b *builder) watch(ctx context.Context, n plate, wanted *bool) error {
	if n.Name == "" || b.book == nil || wanted != nil && !*wanted {
		return nil
	}
	routes, err := b.cloud.APIRoutes(ctx, b.Target, b.API.ID)
	if err != nil {
		return err
	}
	c, ok := watched(n.Name, routes)
	if !ok {
		b.notes = append(b.notes, "No check watches it: none of its routes is a GET without arguments.")
		return nil
	}
	c.Channel, c.Owner, c.CreatedAt = b.run.Asker.Channel, b.run.Asker, b.run.Now
	c.Hands = []commands.Next{{Label: check.Logs, Line: b.line("api show")}}
	there, err := b.book.Checks(ctx)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(there, func(o check.Check) bool { return o.Same(c) || o.Name == c.Name }); i >= 0 {
		b.notes = append(b.notes, "The check "+commands.Mono(there[i].Name)+" looks at "+commands.Mono(there[i].URL)+" already.")
		return nil
	}
	_, err = commands.Repeat(ctx, b.run, "add the check", func(ctx context.Context) (bool, error) { return true, b.book.AddCheck(ctx, c) })
	if err != nil {
		b.notes = append(b.notes, "No check watches it: "+commands.Words(err).Message)
		return ctx.Err()
	}
	b.notes = append(b.notes, "The check "+commands.Mono(c.Name)+" watches "+commands.Mono(c.URL)+", every minute.")
	return nil
}
