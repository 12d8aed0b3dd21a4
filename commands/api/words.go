package api

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Named is the arguments of commands about one API.
type Named struct {
	where.Target
	Name string `arg:"name" alias:"name,api-id,api" required:"" value:"NAME" help:"API by its name or id."`
}

// picked is the API that a line means, as it stood when it was looked up. It is kept in the journal.
type picked struct {
	Target aws.Target
	Place  aws.Place
	API    aws.API
}

// find answers the API that the line means.
func (n Named) find(ctx context.Context, cloud Reader) (picked, error) {
	p := picked{Target: n.At(), Place: cloud.Place(ctx, n.At())}
	all, err := cloud.APIs(ctx, p.Target)
	if err != nil {
		return p, err
	}
	var found []aws.API
	var names, ids []string
	for _, a := range all {
		names = append(names, a.Name)
		if a.Name == n.Name || a.ID == n.Name {
			found, ids = append(found, a), append(ids, commands.Mono(a.ID))
		}
	}
	switch len(found) {
	case 1:
		p.API = found[0]
		return p, nil
	case 0:
		wrong := &commands.Error{
			Kind: commands.NotFound, Message: fmt.Sprintf("There is no API %s in %s.", commands.Mono(n.Name), p.Place.Region),
			Hint: commands.Mono(where.Line(p.Target, "api list")) + " shows what is there.",
		}
		if near := commands.Nearest(n.Name, names); len(near) > 0 {
			wrong.Message += " The nearest is " + commands.Mono(near[0]) + "."
		}
		return p, wrong
	}
	choices := &commands.Choices{Of: n.Name, In: "Name"}
	for _, a := range found {
		choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(a.ID, a.Endpoint), Words: []string{a.ID}})
	}
	return p, &commands.Error{
		Choices: choices,
		Kind:    commands.Ambiguous, Message: fmt.Sprintf("%d APIs are called %s: %s.", len(found), commands.Mono(n.Name), strings.Join(ids, ", ")), Hint: "Give the id of the one you mean.",
	}
}

// pinned answers the API that the line meant when it was first looked up.
func (n Named) pinned(ctx context.Context, run *commands.Run, cloud Reader) (picked, error) {
	return commands.Repeat(ctx, run, "look at API", func(ctx context.Context) (picked, error) { return n.find(ctx, cloud) })
}

func (n Named) scope(ctx context.Context, cloud Reader) (commands.Scope, error) {
	p, err := n.find(ctx, cloud)
	return p.scope(), err
}

func (p picked) scope() commands.Scope {
	return commands.Scope{Account: p.Target.Account, Region: p.Place.Region, Resources: []commands.Resource{{ID: p.API.ID, Name: p.API.Name, Tags: p.API.Tags}}}
}

// line writes a line about the picked API.
func (p picked) line(command string) string {
	return command + " " + commands.Quote(p.API.Name) + commands.Flag("region", p.Target.Region) + commands.Flag("account", p.Target.Account)
}

// url is where a route answers.
func (p picked) url(key string) string {
	_, path, ok := strings.Cut(key, " ")
	if !ok {
		path = "/"
	}
	return strings.TrimSuffix(p.API.Endpoint, "/") + path
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return commands.Unmarked(text)
}

// everything is the key of the route that takes what no other takes. AWS's quick create makes it alone.
const everything = "$default"

var (
	// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
	routeKey = regexp.MustCompile(`^(\$default|(?:ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /\S*)$`)
	method   = regexp.MustCompile(`^(?i)(any|get|head|post|put|patch|delete|options)$`)
)

// routeKeys reads what --route was given. The two halves of a key that was not quoted arrive as two words; a path alone is a GET. Errors are of
// kind Usage.
func routeKeys(words []string) ([]string, error) {
	var keys []string
	for i := 0; i < len(words); i++ {
		word := strings.TrimSpace(words[i])
		if method.MatchString(word) && i+1 < len(words) {
			i++
			word += " " + strings.TrimSpace(words[i])
		}
		if strings.HasPrefix(word, "/") {
			word = "GET " + word
		}
		if verb, path, ok := strings.Cut(word, " "); ok {
			word = strings.ToUpper(verb) + " " + strings.TrimSpace(path)
		}
		if !routeKey.MatchString(word) {
			return nil, commands.Misuse(commands.Mono(word)+" is no route.", "It is a method and a path, such as "+commands.Mono(`"GET /orders"`)+", or "+commands.Mono("$default")+".")
		}
		keys = append(keys, word)
	}
	return keys, nil
}
