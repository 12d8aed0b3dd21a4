package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// address is a domain name that deckhand made, with what of it goes.
type address struct {
	Domain   aws.APIDomain
	Mappings []aws.APIMapping // those that go
	Others   []string         // where else it leads, in words; it stays then, and so does its record
	Records  []aws.Alias
	Check    string // the check that was made with it
}

// addresses answers those of the domain names that were made for an API, or lead to it. One that deckhand did not make, and that leads to it, is an error.
func addresses(ctx context.Context, cloud Names, book check.Book, p picked, all []aws.APIDomain) ([]address, error) {
	var found []address
	for _, d := range all {
		mappings, err := cloud.APIMappings(ctx, p.Target, d.Name)
		if err != nil {
			return nil, err
		}
		a := address{Domain: d}
		a.split(mappings, func(m aws.APIMapping) bool { return m.API == p.API.ID })
		own := d.Tags[commands.RequestTag] != ""
		switch {
		case len(a.Mappings) > 0 && !own:
			return nil, &commands.Error{
				Kind: commands.Conflict, Message: "The domain name " + commands.Mono(d.Name) + " leads to " + commands.Mono(p.API.Name) + ", and deckhand did not make it: AWS deletes no API that a domain name leads to, so nothing was done.",
				Hint: "Remove its mapping first: " + commands.Mono("aws apigatewayv2 delete-api-mapping --domain-name "+d.Name+" --api-mapping-id "+a.Mappings[0].ID) + ".",
			}
		case len(a.Mappings) == 0 && (!own || d.Tags[apiTag] != p.API.ID || len(a.Others) > 0):
			continue
		}
		if err := a.leading(ctx, cloud, book, p.Target); err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, nil
}

// split tells the mappings that go from those that stay.
func (a *address) split(all []aws.APIMapping, goes func(aws.APIMapping) bool) {
	for _, m := range all {
		if goes(m) {
			a.Mappings = append(a.Mappings, m)
			continue
		}
		a.Others = append(a.Others, fmt.Sprintf("to the API %s at /%s", commands.Mono(m.API), m.Key))
	}
}

// meanwhile answers an error where a name leads somewhere that it did not when it was looked at.
func (a address) meanwhile(ctx context.Context, cloud Names, t aws.Target) error {
	left, err := cloud.APIMappings(ctx, t, a.Domain.Name)
	for _, m := range left {
		if !slices.Contains(a.Mappings, m) {
			return &commands.Error{Kind: commands.Failed, Message: a.Domain.Name + " leads to the API " + commands.Mono(m.API) + " meanwhile, so it was left.", Hint: "Remove that mapping first."}
		}
	}
	return err
}

// leading finds the records and the check of a name that goes.
func (a *address) leading(ctx context.Context, cloud Names, book check.Book, t aws.Target) error {
	if len(a.Others) > 0 {
		return nil
	}
	zone, err := cloud.HostedZone(ctx, t, a.Domain.Name)
	switch {
	case err != nil && commands.Words(err).Kind != commands.NotFound:
		return err
	case err == nil:
		records, err := cloud.Records(ctx, t, zone.ID, a.Domain.Name)
		if err != nil {
			return err
		}
		for _, r := range records {
			if ours(r, a.Domain.Target) {
				a.Records = append(a.Records, aws.Alias{Zone: zone.ID, Name: a.Domain.Name, Target: a.Domain.Target, TargetZone: r.AliasZone, Follows: r.Follows, Comment: "deckhand removes " + a.Domain.Name})
			}
		}
	}
	if book == nil {
		return nil
	}
	all, err := book.Checks(ctx)
	for _, c := range all {
		if c.Name == a.Domain.Name && c.MadeBy == checkMaker {
			a.Check = c.Name
		}
	}
	return err
}

// removal is one step of removing a name; it may be repeated.
type removal struct {
	what string
	do   func(context.Context) error
}

// removals are in an order in which nobody is led to what is gone, and nothing of others is taken along: AWS deletes a domain name with every mapping
// that it has.
func removals(cloud Names, book check.Book, t aws.Target, all []address) []removal {
	var steps []removal
	for _, a := range all {
		for _, r := range a.Records {
			steps = append(steps, removal{"the record " + r.Name, func(ctx context.Context) error {
				_, err := cloud.DeleteAlias(ctx, t, r)
				return err
			}})
		}
		for _, m := range a.Mappings {
			steps = append(steps, removal{"the mapping " + m.ID + " of " + a.Domain.Name, func(ctx context.Context) error {
				return cloud.DeleteAPIMapping(ctx, t, a.Domain.Name, m.ID)
			}})
		}
		if len(a.Others) == 0 {
			steps = append(steps, removal{"the domain name " + a.Domain.Name, func(ctx context.Context) error {
				if err := a.meanwhile(ctx, cloud, t); err != nil {
					return err
				}
				return cloud.DeleteAPIDomain(ctx, t, a.Domain.Name)
			}})
		}
		if a.Check != "" {
			steps = append(steps, removal{"the check " + a.Check, func(ctx context.Context) error { return commands.Gone(book.RemoveCheck(ctx, a.Check)) }})
		}
	}
	return steps
}

// remove takes the steps, and answers what was and what was not done.
func remove(ctx context.Context, run *commands.Run, steps []removal) (gone, left []string, err error) {
	for i, s := range steps {
		run.Say("Removing " + s.what)
		if _, err = commands.Repeat(ctx, run, "remove "+s.what, func(ctx context.Context) (bool, error) { return true, s.do(ctx) }); err != nil {
			for _, rest := range steps[i:] {
				left = append(left, rest.what)
			}
			return gone, left, err
		}
		gone = append(gone, s.what)
	}
	return gone, nil, nil
}

// parts names what goes of names, and what stays.
func parts(all []address) string {
	var words []string
	for _, s := range removals(nil, nil, aws.Target{}, all) {
		words = append(words, s.what)
	}
	text := commands.And(words)
	for _, a := range all {
		if len(a.Others) > 0 {
			text += ". The domain name " + commands.Mono(a.Domain.Name) + " and its record stay: it leads " + commands.And(a.Others) + " too"
		}
	}
	return text
}

// leftOf names the first part of names that is still there; "" where nothing is.
func leftOf(ctx context.Context, cloud Names, t aws.Target, all []address) (string, error) {
	for _, a := range all {
		for _, r := range a.Records {
			there, err := cloud.Records(ctx, t, r.Zone, r.Name)
			if err != nil {
				return "", err
			}
			for _, one := range there {
				if ours(one, r.Target) {
					return "the record " + commands.Mono(r.Name), nil
				}
			}
		}
		mappings, err := cloud.APIMappings(ctx, t, a.Domain.Name)
		if err != nil {
			return "", err
		}
		for _, m := range mappings {
			for _, gone := range a.Mappings {
				if m.ID == gone.ID {
					return "the mapping " + commands.Mono(m.ID), nil
				}
			}
		}
		if len(a.Others) > 0 {
			continue
		}
		if _, err := cloud.APIDomain(ctx, t, a.Domain.Name); err == nil {
			return "the domain name " + commands.Mono(a.Domain.Name), nil
		} else if commands.Words(err).Kind != commands.NotFound {
			return "", err
		}
	}
	return "", nil
}

// namesOf answers at which of the domain names APIs answer, by API. What cannot be looked at is told in a sentence.
func namesOf(ctx context.Context, cloud Names, t aws.Target, wanted func(aws.APIDomain) bool) (names map[string][]string, note string) {
	names = map[string][]string{}
	all, err := cloud.APIDomains(ctx, t)
	for _, d := range all {
		var mappings []aws.APIMapping
		if err == nil && wanted(d) {
			mappings, err = cloud.APIMappings(ctx, t, d.Name)
		}
		for _, m := range mappings {
			names[m.API] = append(names[m.API], strings.TrimSuffix("https://"+d.Name+"/"+m.Key, "/"))
		}
	}
	if err != nil {
		note = "Domain names could not be looked at: " + commands.Words(err).Message
	}
	return names, note
}
